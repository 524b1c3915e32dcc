// Finds the texts of secrets in other texts. One secret may be written in several ways.

/** A shorter secret is found as a word of its own alone: it may well be a part of others. */
const WORD_CHARS = 8

/** What a secret may be written as, and the token that stands for it. */
export class SecretText {
  readonly #tokens = new Map<string, string>()
  readonly #pattern: RegExp
  readonly #forms: readonly string[]

  /** @param secrets token by value. */
  constructor(secrets: ReadonlyMap<string, string>) {
    for (const [value, token] of secrets) for (const form of formsOf(value)) this.#tokens.set(form, token)
    this.#forms = [...this.#tokens.keys()].toSorted((one, other) => other.length - one.length)
    // Tokens come first, so that nothing is looked for inside of them.
    const tokens = [...secrets.values()].map(escape)
    this.#pattern = new RegExp([...tokens, ...this.#forms.map(asPattern)].join('|'), 'gu')
  }

  /** Puts tokens in the place of secrets. */
  hide(text: string): string {
    return text.replace(this.#pattern, (found) => this.#tokens.get(found) ?? found)
  }

  /** How much of a text can be told before more of it is known: a secret may begin in it and end in what follows. */
  settled(text: string): number {
    const longest = this.#forms[0]?.length ?? 0
    let end = Math.max(0, text.length - longest)
    while (end < text.length && !this.#begins(text.slice(end))) end++
    for (const { 0: found, index } of text.matchAll(this.#pattern))
      if (index < end && index + found.length > end) return index
    return end
  }

  #begins(rest: string): boolean {
    return this.#forms.some((form) => form.startsWith(rest))
  }
}

/** As it is; inside of JSON, and of JSON inside of that; inside of an address. */
function formsOf(value: string): readonly string[] {
  const json = inJson(value)
  return [...new Set([value, json, inJson(json), encodeURIComponent(value.toWellFormed())])]
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function asPattern(form: string): string {
  return form.length < WORD_CHARS ? `(?<![\\p{L}\\p{N}_-])${escape(form)}(?![\\p{L}\\p{N}_-])` : escape(form)
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
