// Which types a value has, as JSON Schema names them.
import { isList, isObject, type Raw } from './raw.ts'

/** Whether a value is of a type: a whole number is an integer, and a number too. */
export function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isObject(value)
    case 'array':
      return isList(value)
    case 'null':
      return value === null
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

const TYPES = new Set(['string', 'number', 'integer', 'boolean', 'null', 'object', 'array'])

/** Whether a value may stand where a schema does, by the types that it says; of a type that nobody knows anything may be. */
export function isOfItsTypes(value: unknown, raw: Raw): boolean {
  const types = [raw['type'] ?? []].flat().map(String)
  return types.length === 0 || types.some((type) => isOfType(value, type)) || !types.every((type) => TYPES.has(type))
}
