// What a lineage keeps secret (invariant 10), as far as this process knows. Into the journal, to the model and to whoever
// reads go tokens; values come out for tools and steps alone.
import type { LineageSecrets, Secret } from '../contracts/store.ts'
import { DefinitionError } from '../words/errors.ts'
import type { Json } from '../words/json.ts'
import { SecretText } from './secret-text.ts'

/** What a token looks like. */
const TOKEN = /secret_[\w-]{22}/g

/** Tells whether a text is a token, of this lineage or of none. */
export function isToken(text: string): boolean {
  return /^secret_[\w-]{22}$/.test(text)
}

/** The tokens in a text, of this lineage or of none. */
export function tokensIn(text: string): readonly string[] {
  return text.match(TOKEN) ?? []
}

type Load = (from: number) => Promise<LineageSecrets>

/** The secrets of one lineage. */
export class Secrets {
  readonly #load: Load | undefined
  readonly #values = new Map<string, string>()
  readonly #unsaved = new Map<string, Secret>()
  #token: LineageSecrets['token'] | undefined
  #loaded = 0
  #text: SecretText | undefined

  /** @param load reads the lineage's secrets; undefined where the store keeps none. */
  constructor(load: Load | undefined) {
    this.#load = load
  }

  /** Whether the store keeps secrets at all. */
  get kept(): boolean {
    return this.#load !== undefined
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.#text !== undefined
  }

  /** Another object for each set of secrets; undefined for none. */
  get version(): object | undefined {
    return this.#text
  }

  /** Those that are to be written with the next entries. */
  get unsaved(): readonly Secret[] {
    return this.#unsaved.size > 0 ? [...this.#unsaved.values()] : NONE
  }

  /** Takes over what has been written by whoever works on the lineage. */
  async load(): Promise<void> {
    if (!this.#load) return
    const { token, secrets } = await this.#load(this.#loaded)
    this.#token = token
    this.#loaded += secrets.length
    this.#add(secrets)
  }

  /**
   * Learns values, without the blanks around them, which are hidden from now on. To be called when `load` has been.
   *
   * @throws DefinitionError with code `no_key` where the store keeps no secrets.
   */
  learn(values: readonly string[]): void {
    // What is or holds a token is no new secret: a model has put it together.
    const fresh = values
      .map((value) => value.trim())
      .filter((value) => value !== '' && this.reveal(value) === value && !isToken(value))
    if (fresh.length === 0) return
    if (!this.#load) throw noKey('a value is secret')
    const token = this.#token
    if (!token) throw new Error('Secrets are learned once those that are kept have been loaded')
    const secrets = fresh.map((value) => ({ token: token(value), value }))
    for (const secret of secrets) if (!this.#values.has(secret.token)) this.#unsaved.set(secret.token, secret)
    this.#add(secrets)
  }

  /** Takes note that these have been written. */
  saved(secrets: readonly Secret[]): void {
    for (const { token } of secrets) this.#unsaved.delete(token)
  }

  /** Puts tokens in the place of secrets, wherever in a value their text stands. A value without any is given back. */
  readonly hide = <T>(value: T): T => {
    const text = this.#text
    return text ? mapTexts(value, (part) => text.hide(part)) : value
  }

  /** Puts secrets in the place of their tokens, in a copy. A value without any is given back. */
  readonly reveal = <T>(value: T): T => {
    if (!this.#text) return value
    return mapTexts(value, (part) => part.replace(TOKEN, (token) => this.#values.get(token) ?? token))
  }

  /** Hides secrets in a text that comes in parts; what may be the beginning of one is held back. */
  stream(): { readonly push: (part: string) => string; readonly end: () => string } {
    let held = ''
    return {
      push: (part) => {
        if (!this.#text && held === '') return part
        held += part
        const end = this.#text?.settled(held) ?? held.length
        const told = this.hide(held.slice(0, end))
        held = held.slice(end)
        return told
      },
      end: () => this.hide(held),
    }
  }

  #add(secrets: readonly Secret[]): void {
    const fresh = secrets.filter(({ token }) => !this.#values.has(token))
    if (fresh.length === 0) return
    for (const { token, value } of fresh) this.#values.set(token, value)
    this.#text = new SecretText(new Map([...this.#values].map(([token, value]) => [value, token])))
  }
}

const NONE: readonly Secret[] = []

/** Says that a store has no key for a secret. */
export function noKey(what: string): DefinitionError {
  return new DefinitionError({
    code: 'no_key',
    message: `${what}, and the store has no key to keep it by. Give it one: sqlite(path, { encryption: { key } }).`,
  })
}

/** Changes the texts of a JSON value, its keys among them; what has none of it stays the same object. */
function mapTexts<T>(value: T, change: (text: string) => string): T {
  // What is text stays text, a list a list, an object an object.
  return changed(value as Json, change) as T
}

function changed(value: Json | undefined, change: (text: string) => string): Json | undefined {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) {
    const items = value.map((item) => changed(item, change) as Json)
    return items.some((item, at) => item !== value[at]) ? items : value
  }
  const pairs = Object.entries(value).map(([key, part]) => [change(key), changed(part, change)] as const)
  const isSame = pairs.every(([key, part]) => Object.hasOwn(value, key) && value[key] === part)
  return isSame ? value : Object.fromEntries(pairs)
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
