import { DefinitionError } from '@reprise/core'
import { own } from '../script/own.ts'

/** Holds a value of a JSON file to a shape; `at` is its place, as a complaint names it. */
export type Check = (value: unknown, at: string) => void

/** The error of a file that is not as it must be: one line. */
export function complain(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_expectations', message })
}

/** Text. */
export const text: Check = (value, at) => {
  if (typeof value !== 'string') throw complain(`${at} must be text; it is ${shown(value)}.`)
}

/** A number of at least `min`. */
export function number(min: number): Check {
  return (value, at) => {
    if (typeof value !== 'number' || value < min)
      throw complain(`${at} must be a number${min === -Infinity ? '' : ` of ${min} or more`}; it is ${shown(value)}.`)
  }
}

/** One of a few values. */
export function oneOf(...values: readonly unknown[]): Check {
  return (value, at) => {
    if (!values.includes(value)) throw complain(`${at} is ${shown(value)}. It must be one of: ${values.join(', ')}.`)
  }
}

/** A list, each element of one shape. */
export function list(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) throw complain(`${at} must be a list; it is ${shown(value)}.`)
    for (const [index, element] of value.entries()) check(element, `${at}[${index}]`)
  }
}

/** An object of any fields. */
export const anyObject: Check = (value, at) => {
  if (!isObject(value)) throw complain(`${at} must be an object; it is ${shown(value)}.`)
}

/** Text, or an object of any fields. */
export const textOrObject: Check = (value, at) => {
  if (typeof value !== 'string' && !isObject(value))
    throw complain(`${at} must be text or an object; it is ${shown(value)}.`)
}

/**
 * An object of known fields.
 *
 * @param required the names of the fields that must be there.
 */
export function object(fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, at) => {
    if (!isObject(value)) throw complain(`${at} must be an object; it is ${shown(value)}.`)
    for (const [name, field] of Object.entries(value)) {
      const check = own(fields, name)
      if (!check) throw complain(`${at}.${name} is not known. There are: ${Object.keys(fields).join(', ')}.`)
      check(field, `${at}.${name}`)
    }
    const missing = required.find((name) => !Object.hasOwn(value, name))
    if (missing !== undefined) throw complain(`${at}.${missing} is missing.`)
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined'
}
