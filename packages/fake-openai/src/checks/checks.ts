import { ApiError, missing, tooLong, wrongType, wrongValue } from '../http/api-error.ts'

/**
 * Holds the value at a place of a request to what the platform takes there.
 *
 * @throws ApiError with the platform's complaint, which names the place.
 */
export type Check = (value: unknown, at: string) => void

/** An object of a request before its fields are checked. */
export type Fields = Readonly<Record<string, unknown>>

/** A text. */
export const text: Check = (value, at) => {
  if (typeof value !== 'string') throw wrongType(at, 'a string', value)
}

const NAME = '^[a-zA-Z0-9_-]+$'

/** A name of a function: one that is described, or one that a model wrote. */
export const functionName: Check = (value, at) => {
  text(value, at)
  if (value === '') throw emptyText(at)
  if (new RegExp(NAME).test(value as string)) return
  const message = `Invalid '${at}': string does not match pattern. Expected a string that matches the pattern '${NAME}'.`
  throw new ApiError(message, { param: at, code: 'invalid_value' })
}

function emptyText(param: string): ApiError {
  const message = `Invalid '${param}': empty string. Expected a string with minimum length 1, but got an empty string instead.`
  return new ApiError(message, { param, code: 'empty_string' })
}

/** A boolean. */
export const flag: Check = (value, at) => {
  if (typeof value !== 'boolean') throw wrongType(at, 'a boolean', value)
}

/** A text of so many characters at most. */
export function textUpTo(max: number): Check {
  return (value, at) => {
    text(value, at)
    tooLong(value as string, max, at)
  }
}

/** A number within bounds, both of them included. */
export function decimal(min: number, max: number): Check {
  return (value, at) => {
    if (typeof value !== 'number') throw wrongType(at, 'a decimal', value)
    within('decimal', value, min, max, at)
  }
}

/** A whole number within bounds, both of them included. */
export function integer(min = -Infinity, max = Infinity): Check {
  return (value, at) => {
    if (!Number.isInteger(value)) throw wrongType(at, 'an integer', value)
    within('integer', value as number, min, max, at)
  }
}

/** One of some texts. */
export function oneOf(...values: readonly string[]): Check {
  return (value, at) => {
    text(value, at)
    if (!values.includes(value as string)) throw wrongValue(at, value as string, values)
  }
}

/** A list whose elements pass a check. */
export function listOf(
  element: Check,
  { min = 0, max = Infinity, of = 'an array of objects' }: { min?: number; max?: number; of?: string } = {},
): Check {
  return (value, at) => {
    if (!Array.isArray(value)) throw wrongType(at, of, value)
    if (value.length < min) throw emptyArray(at)
    if (value.length > max) throw tooMany('array', 'length', value.length, max, at)
    for (const [index, item] of value.entries()) element(item, `${at}[${index}]`)
  }
}

/** An object whose known fields pass their checks, where they are there; a field that must be there may be named. */
export function fields(checks: Readonly<Record<string, Check>>, ...required: readonly string[]): Check {
  return (value, at) => {
    const object = objectAt(value, at)
    for (const name of required) if (object[name] === undefined) throw missing(`${at}.${name}`)
    checkAll(object, checks, `${at}.`)
  }
}

/** What passes a check, or null. */
export function orNull(check: Check): Check {
  return (value, at) => {
    if (value !== null) check(value, at)
  }
}

/** Checks the fields of an object that are there, in the order of their checks. */
export function checkAll(object: Fields, checks: Readonly<Record<string, Check>>, before = ''): void {
  for (const [name, check] of Object.entries(checks))
    if (object[name] !== undefined) check(object[name], `${before}${name}`)
}

/**
 * Takes a value for an object.
 *
 * @throws ApiError where it is none.
 */
export function objectAt(value: unknown, at: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(at, 'an object', value)
  return value as Fields
}

/** An array that must not be empty and is. */
export function emptyArray(param: string): ApiError {
  const message = `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`
  return new ApiError(message, { param, code: 'empty_array' })
}

/** More elements or properties than there may be. */
export function tooMany(
  what: 'array' | 'object',
  unit: 'length' | 'properties',
  count: number,
  max: number,
  param: string,
): ApiError {
  const message =
    what === 'array'
      ? `Invalid '${param}': array too long. Expected an array with maximum ${unit} ${max}, but got an array with ${unit} ${count} instead.`
      : `Invalid '${param}': too many properties. Expected an object with at most ${max} ${unit}, but got an object with ${count} ${unit} instead.`
  return new ApiError(message, { param, code: `${what}_above_max_${unit}` })
}

function within(kind: 'integer' | 'decimal', value: number, min: number, max: number, param: string): void {
  if (value >= min && value <= max) return
  const [side, bound, short] =
    value < min ? ['below minimum', `>= ${min}`, 'below_min'] : ['above maximum', `<= ${max}`, 'above_max']
  const message = `Invalid '${param}': ${kind} ${side} value. Expected a value ${bound}, but got ${value} instead.`
  throw new ApiError(message, { param, code: `${kind}_${short}_value` })
}
