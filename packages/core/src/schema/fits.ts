import type { JsonSchema, JsonType } from '../contracts/schema.ts'
import { isList, isObject } from './raw.ts'

type Follow = (ref: string) => JsonSchema | undefined

/** Tells whether a value has the shape of a strict schema: types, keys and constants, not bounds. Absent is as good as null. */
export function fits(json: JsonSchema, value: unknown, follow: Follow, above: readonly string[] = []): boolean {
  const { $ref } = json
  // An alternative of itself is no other.
  if ($ref !== undefined) return !above.includes($ref) && fits(follow($ref) ?? {}, value, follow, [...above, $ref])
  if (json.anyOf) return json.anyOf.some((branch) => fits(branch, value, follow, above))
  if (json.const !== undefined && json.const !== value) return false
  if (json.enum && !json.enum.some((one) => one === value)) return false
  return [json.type ?? []].flat().some((type) => fitsType(type, json, value, follow))
}

/** Tells whether an object carries the constants of a schema, whatever else is wrong with it. */
export function looksLike(json: JsonSchema, value: unknown, follow: Follow): boolean {
  if (json.$ref !== undefined) return looksLike(follow(json.$ref) ?? {}, value, follow)
  if (!isObject(value)) return false
  const tags = Object.entries(json.properties ?? {}).filter(([, member]) => member.const !== undefined)
  return tags.length > 0 && tags.every(([name, member]) => member.const === value[name])
}

function fitsType(type: JsonType, json: JsonSchema, value: unknown, follow: Follow): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return isList(value) && value.every((item) => fits(json.items ?? {}, item, follow))
    case 'object':
      return isObject(value) && fitsObject(json.properties ?? {}, value, follow)
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type
    default:
      return type satisfies never
  }
}

function fitsObject(properties: Record<string, JsonSchema>, value: Record<string, unknown>, follow: Follow): boolean {
  const known = Object.entries(properties).every(([name, member]) =>
    fits(member, Object.hasOwn(value, name) ? value[name] : null, follow),
  )
  return known && Object.keys(value).every((name) => Object.hasOwn(properties, name))
}
