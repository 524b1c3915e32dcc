// Finds the texts of secrets in other texts. One secret may be written in several ways.

/** A shorter secret is found as a word of its own alone: it may well be a part of others. */
const WORD_CHARS = 8

/** What a secret may be written as, and the token that stands for it. */
export class SecretText {
  readonly #tokens = new Map<string, string>()
  readonly #whole: ReadonlyMap<string, string>
  readonly #pattern: RegExp
  readonly #forms: readonly string[]

  /** @param secrets token by value. */
  constructor(secrets: ReadonlyMap<string, string>) {
    this.#whole = secrets
    // A value comes after those that are the same with blanks around them, and in another's form after that form.
    const values = [...secrets].toSorted(([one], [other]) => blanksOf(other) - blanksOf(one))
    for (const [value, token] of values) for (const form of formsOf(value.trim())) this.#tokens.set(form, token)
    for (const [value, token] of values) this.#tokens.set(value.trim(), token)
    this.#forms = [...this.#tokens.keys()].toSorted((one, other) => other.length - one.length)
    // Tokens come first, so that nothing is looked for inside of them.
    const tokens = [...secrets.values()].map(escape)
    this.#pattern = new RegExp([...tokens, ...this.#forms.map(asPattern)].join('|'), 'gu')
  }

  /** Puts tokens in the place of secrets. Blanks around them stay, unless the whole text is a secret with its blanks. */
  redact(text: string): string {
    return this.#whole.get(text) ?? text.replace(this.#pattern, (found) => this.#tokens.get(found) ?? found)
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

/** As it is; inside of JSON, of an address, of a form, and of one of these inside of another. */
function formsOf(value: string): readonly string[] {
  const once = encodingsOf(value)
  const forms = new Set([value, ...once, ...once.flatMap(encodingsOf)])
  // The digits of an escape may be written in small letters.
  for (const form of forms) forms.add(form.replaceAll(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase()))
  return [...forms]
}

/** What writers of JSON, of addresses (strict, lenient, whole) and of forms make of a text. */
function encodingsOf(text: string): readonly string[] {
  const whole = text.toWellFormed()
  const part = encodeURIComponent(whole)
  return [inJson(text), part, part.replaceAll(/[!'()*]/g, escapeOf), encodeURI(whole), inForm(whole)]
}

function escapeOf(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase()}`
}

function inForm(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

function blanksOf(value: string): number {
  return value.length - value.trim().length
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
