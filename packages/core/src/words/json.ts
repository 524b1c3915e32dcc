/** A value that JSON can say: what a journal stores and gives back. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** A JSON object: its keys are text, an absent key and an undefined one are the same. */
export type JsonObject = { readonly [key: string]: Json | undefined }

/**
 * What remains of `T` after a trip through JSON: methods and undefined go, dates become text.
 * The type of a value that was given to a journal and read back.
 */
export type Jsonify<T> = T extends null | boolean | number | string
  ? T
  : T extends { toJSON(): infer J }
    ? Jsonify<J>
    : T extends (...args: never) => unknown
      ? never
      : T extends undefined | symbol
        ? never
        : T extends readonly unknown[]
          ? { [K in keyof T]: [Jsonify<T[K]>] extends [never] ? null : Jsonify<T[K]> }
          : T extends object
            ? {
                [
                  K in keyof T as K extends symbol ? never : T[K] extends (...args: never) => unknown ? never : K
                ]: Jsonify<T[K]>
              }
            : unknown

/**
 * Finds the first place in a value that JSON would lose or change, or undefined where there is none.
 * Undefined as an object's member counts as absent and is allowed; `toJSON` is followed.
 *
 * @returns the path from the root (`.items[2].when`, or '' for the root itself) and what stands there.
 */
export function findUnjson(
  value: unknown,
  path = '',
  above: readonly object[] = [],
): { path: string; found: string } | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path, found: String(value) }
  if (typeof value === 'object') return findInObject(value, path, above)
  return { path, found: value === undefined ? 'undefined' : `a ${typeof value}` }
}

function findInObject(
  value: object,
  path: string,
  above: readonly object[],
): { path: string; found: string } | undefined {
  if (above.includes(value)) return { path, found: 'a circle' }
  if (saysJson(value)) return findUnjson(value.toJSON(), path, [...above, value])
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      const found = findUnjson(element, `${path}[${index}]`, [...above, value])
      if (found) return found
    }
    return undefined
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return { path, found: nameOf(value) }
  for (const [key, member] of Object.entries(value)) {
    const found = member === undefined ? undefined : findUnjson(member, `${path}.${key}`, [...above, value])
    if (found) return found
  }
  return undefined
}

function nameOf(value: object): string {
  const { constructor } = value as { constructor?: unknown }
  return typeof constructor === 'function' && constructor.name !== '' ? `a ${constructor.name}` : 'an object of a class'
}

/** Tells whether an object says itself in JSON in its own way. */
export function saysJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}

/**
 * What a value is after a trip through JSON, without the trip: a copy that shares nothing with it.
 * What JSON refuses (a bigint, a circle) is not looked for.
 */
export function copyJson(value: unknown): unknown {
  if (typeof value === 'object') return value && copyObject(value)
  if (typeof value === 'string') return copyText(value)
  // JSON has no -0.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : value
}

function copyObject(value: object): unknown {
  if (saysJson(value)) return copyJson(value.toJSON())
  if (Array.isArray(value)) return Array.from(value, (element) => copyJson(element) ?? null)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = copyJson((value as Record<string, unknown>)[key])
    if (member === undefined) continue
    if (key === '__proto__') Object.defineProperty(copy, key, { ...OWN, value: member })
    else copy[key] = member
  }
  return copy
}

/** As a literal's member is. */
const OWN = { configurable: true, enumerable: true, writable: true }

/** Up to so many characters V8 copies a part of a text: a longer part keeps the whole text in memory. */
const COPIED = 12

/** A text that keeps no other in memory, as a page that it was cut from: joined, it is laid out anew. */
function copyText(text: string): string {
  return text.length <= COPIED ? text : ` ${text}`.slice(1)
}
