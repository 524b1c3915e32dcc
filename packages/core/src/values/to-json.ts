// What JSON can say of a value that was not made for it: a tool has run, and what it gave is kept as far as that goes.
// What each kind of value becomes stands in docs/decisions/2026-11-30-results-as-json.md: a later version may not change it.
import { types } from 'node:util'
import {
  DEEP_MARK,
  isPlain,
  type Json,
  MOST_LEVELS,
  nameOf,
  saysJson,
  setMember,
  shortPath,
  TOO_DEEP,
  UNREADABLE,
  type Unjson,
} from './json.ts'

/** A value as JSON says it. */
export interface Said {
  readonly json: Json
  /** The first places where JSON says something else than what stood there. */
  readonly lost: readonly Unjson[]
  /** At how many more places it does. */
  readonly more: number
}

/** How many places are named. */
const MOST_NAMED = 20

/** How many parts a value may have before the rest is left out: one that is made as it is read never ends. */
const MOST_PARTS = 1_000_000

/** How many bytes are kept: more would not be read by any model. */
const MOST_BYTES = 1_048_576

/**
 * Says a value in JSON, in a copy that shares nothing with it. Undefined is null, and as an object's member absent;
 * `toJSON` is followed. Never throws.
 */
export function toJson(value: unknown): Said {
  const saying = new Saying()
  const json = saying.of(value) ?? null
  return { json, lost: saying.lost, more: saying.more }
}

class Saying {
  readonly lost: Unjson[] = []
  more = 0
  readonly #path: string[] = []
  readonly #above = new Set<object>()
  #parts = 0

  /** Undefined where there is nothing to say. */
  of(value: unknown): Json | undefined {
    switch (typeof value) {
      case 'object':
        return value === null ? null : this.#object(value)
      case 'number':
        return Number.isFinite(value) ? value : this.#lose(String(value), null)
      case 'bigint':
        return this.#lose('a bigint', String(value))
      case 'string':
      case 'boolean':
      case 'undefined':
        return value
      case 'function':
      case 'symbol':
        return this.#lose(`a ${typeof value}`, undefined)
      default:
        return undefined
    }
  }

  #lose<J extends Json | undefined>(found: string, said: J): J {
    if (this.lost.length < MOST_NAMED) this.lost.push({ path: shortPath(this.#path.join('')), found })
    else this.more++
    return said
  }

  #object(value: object): Json | undefined {
    if (this.#above.has(value)) return this.#lose('a circle', '[circle]')
    if (this.#above.size === MOST_LEVELS) return this.#lose(TOO_DEEP, DEEP_MARK)
    if (++this.#parts > MOST_PARTS) return this.#lose(`beyond ${MOST_PARTS} parts`, '[too much]')
    const here = this.#path.length
    this.#above.add(value)
    try {
      return this.#inside(value)
    } catch {
      this.#path.length = here
      return this.#lose(UNREADABLE, '[unreadable]')
    } finally {
      this.#above.delete(value)
    }
  }

  #inside(value: object): Json | undefined {
    if (ArrayBuffer.isView(value)) return this.#bytes(value, value)
    if (types.isAnyArrayBuffer(value)) return this.#bytes(value, new Uint8Array(value))
    // A date of no day says null of itself.
    if (types.isDate(value) && Number.isNaN(value.getTime())) return this.#lose('an invalid date', null)
    if (saysJson(value)) return this.#itself(value)
    if (Array.isArray(value)) return this.#list(value)
    if (types.isBoxedPrimitive(value)) return this.of(value.valueOf())
    if (types.isMap(value)) return this.#lose('a Map', undefined) ?? this.#map([...value])
    if (types.isSet(value)) return this.#lose('a Set', undefined) ?? this.#list([...value])
    if (types.isRegExp(value)) return this.#lose('a RegExp', String(value))
    if (types.isNativeError(value) || value instanceof Error) return this.#error(value)
    if (!isPlain(value)) this.#lose(nameOf(value), undefined)
    return this.#members(value, {})
  }

  #bytes(value: object, { buffer, byteOffset, byteLength }: ArrayBufferView): Json {
    if (byteLength > MOST_BYTES) return this.#lose(nameOf(value), `[${byteLength} bytes]`)
    return this.#lose(nameOf(value), Buffer.from(buffer, byteOffset, byteLength).toString('base64'))
  }

  /** One that gives itself is said by its members, as in JSON. */
  #itself(value: { toJSON(): unknown }): Json | undefined {
    let said: unknown
    try {
      said = value.toJSON()
    } catch {
      this.#lose(UNREADABLE, undefined)
      said = value
    }
    if (said !== value) return this.of(said)
    return Array.isArray(value) ? this.#list(value) : this.#members(value, {})
  }

  #list(value: readonly unknown[]): Json {
    if (value.length > MOST_PARTS) return this.#lose(`a list of ${value.length}`, `[a list of ${value.length}]`)
    return Array.from(value, (element, index) => this.#at(`[${index}]`, () => this.#element(element)))
  }

  #element(element: unknown): Json {
    if (element === undefined) return this.#lose('undefined', null)
    return this.of(element) ?? null
  }

  /** With keys that are text it is an object, else a list of pairs. */
  #map(pairs: readonly (readonly [unknown, unknown])[]): Json {
    const said: Record<string, Json> = {}
    for (const [key, member] of pairs) {
      if (typeof key !== 'string') return this.#list(pairs)
      const json = this.#at(`.${key}`, () => this.of(member))
      if (json !== undefined) setMember(said, key, json)
    }
    return said
  }

  #error(error: Error): Json {
    this.#lose(nameOf(error), undefined)
    const { name, message } = error
    return this.#members(error, { name: this.of(name) ?? null, message: this.of(message) ?? null })
  }

  #members(value: object, said: Record<string, Json>): Json {
    for (const key of Object.keys(value)) {
      const json = this.#at(`.${key}`, () => this.#member(value, key))
      if (json !== undefined) setMember(said, key, json)
    }
    return said
  }

  #member(value: object, key: string): Json | undefined {
    let member: unknown
    try {
      member = (value as Record<string, unknown>)[key]
    } catch {
      return this.#lose('a getter that throws', undefined)
    }
    return this.of(member)
  }

  #at<T>(step: string, say: () => T): T {
    this.#path.push(step)
    const said = say()
    this.#path.pop()
    return said
  }
}
