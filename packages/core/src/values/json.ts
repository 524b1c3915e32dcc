import { cut } from './cut.ts'

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
 * How many lists and objects may stand within one another in a value that is kept: what is deeper is refused where it comes
 * in. Anything that walks through a value may then do so by calling itself.
 */
export const MOST_LEVELS = 200

/** A place in a value that JSON cannot say. */
export interface Unjson {
  /** The way from the root, `.items[2].when`; '' for the root itself. */
  readonly path: string
  /** What stands there. */
  readonly found: string
}

/** What is found at a place that is too deep. */
export const TOO_DEEP = `nested more than ${MOST_LEVELS} levels deep`

/** What is found where a getter, a toJSON or a proxy throws. */
export const UNREADABLE = 'an object that throws when it is read'

/**
 * Finds the first place in a value that JSON would lose or change, or undefined where there is none.
 * Undefined as an object's member counts as absent and is allowed; `toJSON` is followed. Never throws.
 */
export function findUnjson(value: unknown): Unjson | undefined {
  const found = find(value, new Set())
  return found && { ...found, path: shortPath(found.path) }
}

/** A path that a person can read: of a long one the beginning. */
export function shortPath(path: string): string {
  return cut(path, LONGEST_PATH)
}

const LONGEST_PATH = 120

function find(value: unknown, above: Set<object>): Unjson | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path: '', found: String(value) }
  if (typeof value === 'object') return findInObject(value, above)
  return { path: '', found: value === undefined ? 'undefined' : `a ${typeof value}` }
}

function findInObject(value: object, above: Set<object>): Unjson | undefined {
  if (above.has(value)) return { path: '', found: 'a circle' }
  if (above.size === MOST_LEVELS) return { path: '', found: TOO_DEEP }
  above.add(value)
  try {
    return findInside(value, above)
  } catch {
    return { path: '', found: UNREADABLE }
  } finally {
    above.delete(value)
  }
}

function findInside(value: object, above: Set<object>): Unjson | undefined {
  if (saysJson(value)) return find(value.toJSON(), above)
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      const found = find(element, above)
      if (found) return { ...found, path: `[${index}]${found.path}` }
    }
    return undefined
  }
  if (!isPlain(value)) return { path: '', found: nameOf(value) }
  for (const [key, member] of Object.entries(value)) {
    const found = member === undefined ? undefined : find(member, above)
    if (found) return { ...found, path: `.${key}${found.path}` }
  }
  return undefined
}

/**
 * Finds the first place in a value where its lists and plain objects nest too deep, or undefined. Never throws: what it
 * cannot read is for others to find.
 */
export function findTooDeep(value: unknown): Unjson | undefined {
  const path = tooDeep(value, 0, new Set())
  return path === undefined ? undefined : { path: shortPath(path), found: TOO_DEEP }
}

function tooDeep(value: unknown, level: number, above: Set<object>): string | undefined {
  if (typeof value !== 'object' || value === null || above.has(value)) return undefined
  if (level === MOST_LEVELS) return ''
  above.add(value)
  try {
    if (!Array.isArray(value) && !isPlain(value)) return undefined
    for (const [key, member] of Object.entries(value)) {
      const path = tooDeep(member, level + 1, above)
      if (path !== undefined) return `${Array.isArray(value) ? `[${key}]` : `.${key}`}${path}`
    }
    return undefined
  } catch {
    return undefined
  } finally {
    above.delete(value)
  }
}

/** Tells whether an object is one of no class, of this realm or another. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === null || prototype === Object.prototype) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}

/** Says what an object of a class is: `a Map`. */
export function nameOf(value: object): string {
  const { constructor } = value as { constructor?: unknown }
  const name = typeof constructor === 'function' ? constructor.name : ''
  return typeof name === 'string' && name !== '' ? `a ${name}` : 'an object of a class'
}

/** Tells whether an object says itself in JSON in its own way. */
export function saysJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}

/** So deep a copy goes: more than any value that is kept is, with the entry around it. */
const COPIED_LEVELS = 2 * MOST_LEVELS

/**
 * What a value is after a trip through JSON, without the trip: a copy that shares nothing with it. What JSON refuses was
 * to be found before; where a model's adapter gave it all the same, a bigint is its digits, and what is too deep a mark.
 */
export function copyJson(value: unknown, level = 0): unknown {
  if (typeof value === 'object') return value && copyObject(value, level)
  if (typeof value === 'string') return copyText(value)
  // JSON has no -0.
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null
  if (typeof value === 'bigint') return String(value)
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : value
}

function copyObject(value: object, level: number): unknown {
  if (level === COPIED_LEVELS) return DEEP_MARK
  if (saysJson(value)) return copyJson(value.toJSON(), level + 1)
  if (Array.isArray(value)) return Array.from(value, (element) => copyJson(element, level + 1) ?? null)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const member = copyJson((value as Record<string, unknown>)[key], level + 1)
    if (member !== undefined) setMember(copy, key, member)
  }
  return copy
}

/** What stands in the place of what is too deep. */
export const DEEP_MARK = '[too deep]'

/** Sets a member, whatever its name is. */
export function setMember(object: Record<string, unknown>, key: string, member: unknown): void {
  if (key === '__proto__') Object.defineProperty(object, key, { ...OWN, value: member })
  else object[key] = member
}

/** As a literal's member is. */
const OWN = { configurable: true, enumerable: true, writable: true }

/** Up to so many characters V8 copies a part of a text: a longer part keeps the whole text in memory. */
const COPIED = 12

/** A text that keeps no other in memory, as a page that it was cut from: joined, it is laid out anew. */
function copyText(text: string): string {
  return text.length <= COPIED ? text : ` ${text}`.slice(1)
}
