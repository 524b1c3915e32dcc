// What a lineage keeps secret (invariant 10), as far as this process knows. Into the journal, to the model and to whoever
// reads go tokens; values come out for tools and steps alone.
import type { LineageSecrets, Secret } from '../contracts/secret.ts'
import { DefinitionError } from '../values/errors.ts'
import type { Json } from '../values/json.ts'
import { follow, type Given, got, type Steps } from '../values/steps.ts'
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

type Load = (from: number) => Given<LineageSecrets>

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

  /** Whether those that the store has, so many, are known here: none is ever taken away while somebody works on the lineage. */
  hasLoaded(count: number): boolean {
    return this.#loaded >= count
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
    await follow(this.loading())
  }

  /** The same, in steps. */
  *loading(): Steps<void> {
    if (!this.#load) return
    const from = this.#loaded
    const { token, secrets } = yield* got(this.#load(from))
    if (this.#isOfAnother(token)) return yield* this.#loadAnew(token)
    this.#token = token
    // Others may have loaded the same meanwhile.
    this.#loaded = Math.max(this.#loaded, from + secrets.length)
    this.#add(secrets)
  }

  /**
   * Learns values, which are hidden from now on, with the blanks around them and without. To be called when `load` has
   * been.
   *
   * @throws DefinitionError with code `no_key` where the store keeps no secrets.
   */
  learn(values: readonly string[]): void {
    // What is or holds a token of these is no new secret. What only looks like one may be somebody's value.
    const fresh = values.filter((value) => value.trim() !== '' && this.reveal(value) === value)
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

  /**
   * Puts tokens in the place of secrets, wherever in a value their text stands, and of numbers that are the digits of one.
   * Keys that read as names stay: a value is found by them. A value without any is given back.
   */
  readonly redact = <T>(value: T): T => {
    const text = this.#text
    return text
      ? mapTexts(value, (part, at) => (at === 'key' && NAME.test(part) ? part : text.redact(part)), 'numbers')
      : value
  }

  /** Puts secrets in the place of their tokens, in a copy. A value without any is given back. */
  readonly reveal = <T>(value: T): T => {
    if (!this.#text) return value
    return mapTexts(value, (part) => part.replace(TOKEN, (token) => this.#values.get(token) ?? token))
  }

  /** The same, where there is anything to reveal: a run without secrets is spared looking for their tokens. */
  get revealing(): (<T>(value: T) => T) | undefined {
    return this.any ? this.reveal : undefined
  }

  /** Redacts secrets in a text that comes in parts; what may be the beginning of one is held back. */
  stream(): { readonly push: (part: string) => string; readonly end: () => string } {
    let held = ''
    return {
      push: (part) => {
        if (!this.#text && held === '') return part
        held += part
        const end = this.#text?.settled(held) ?? held.length
        const told = this.redact(held.slice(0, end))
        held = held.slice(end)
        return told
      },
      end: () => this.redact(held),
    }
  }

  /** A lineage that was deleted, and begun anew under the same id, has another key, and none of these secrets. */
  #isOfAnother(token: LineageSecrets['token']): boolean {
    return this.#token !== undefined && this.#token !== token && this.#token('') !== token('')
  }

  *#loadAnew(token: LineageSecrets['token']): Steps<void> {
    this.#values.clear()
    this.#unsaved.clear()
    this.#text = undefined
    this.#token = token
    this.#loaded = 0
    yield* this.loading()
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

/** A key that is the name of a parameter or a field, and hardly somebody's secret. */
const NAME = /^[A-Za-z_]{1,40}\d{0,2}$/

/** Digits that stand as a number are a secret's from so many on. */
const FEWEST_DIGITS = 4

type Change = (text: string, at: 'key' | 'value') => string

/**
 * Changes the texts of a JSON value, its keys among them; what has none of it stays the same object.
 *
 * @param numbers says that a number whose digits are changed becomes a text, too.
 */
export function mapTexts<T>(value: T, change: Change, numbers?: 'numbers'): T {
  // What is text stays text, a list a list, an object an object; a number that is hidden is read by nobody as one.
  return changed(value as Json, change, numbers) as T
}

function changed(value: Json | undefined, change: Change, numbers: 'numbers' | undefined): Json | undefined {
  if (typeof value === 'string') return change(value, 'value')
  if (typeof value === 'number') return numbers ? changedNumber(value, change) : value
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) {
    const items = value.map((item) => changed(item, change, numbers) as Json)
    return items.some((item, at) => item !== value[at]) ? items : value
  }
  const pairs = Object.entries(value).map(
    ([key, part]) => [change(key, 'key'), changed(part, change, numbers)] as const,
  )
  const isSame = pairs.every(([key, part]) => Object.hasOwn(value, key) && value[key] === part)
  return isSame ? value : Object.fromEntries(pairs)
}

function changedNumber(value: number, change: Change): Json {
  const digits = String(value)
  if (digits.length < FEWEST_DIGITS) return value
  const text = change(digits, 'value')
  return text === digits ? value : text
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
