import type { JsonSchema, JsonType } from '../../contracts/schema.ts'
import { Answers } from './answers.ts'
import { isList, isObject } from './raw.ts'

type Follow = (ref: string) => JsonSchema | undefined

/** Which parts of one value have which shapes. Remembers its answers: alternatives within alternatives ask again and again. */
export class Fitting {
  /** An alternative of itself is no other. */
  readonly #answers = new Answers(false, (fits) => !fits)

  /** Tells whether a value has the shape of a strict schema: types, keys and constants, not bounds. Absent is as good as null. */
  fits(json: JsonSchema, value: unknown, follow: Follow): boolean {
    if (json.$ref === undefined && json.anyOf === undefined && Object(value) !== value)
      return this.#ask(json, value, follow)
    return this.#answers.ask(json, value, () => this.#ask(json, value, follow))
  }

  #ask(json: JsonSchema, value: unknown, follow: Follow): boolean {
    const { $ref } = json
    if ($ref !== undefined) return this.fits(follow($ref) ?? {}, value, follow)
    if (json.anyOf) return json.anyOf.some((branch) => this.fits(branch, value, follow))
    if (json.const !== undefined && json.const !== value) return false
    if (json.enum && !json.enum.some((one) => one === value)) return false
    return [json.type ?? []].flat().some((type) => this.#fitsType(type, json, value, follow))
  }

  #fitsType(type: JsonType, json: JsonSchema, value: unknown, follow: Follow): boolean {
    switch (type) {
      case 'null':
        return value === null
      case 'integer':
        return Number.isInteger(value)
      case 'array':
        return isList(value) && value.every((item) => this.fits(json.items ?? {}, item, follow))
      case 'object':
        return isObject(value) && this.#fitsObject(json.properties ?? {}, value, follow)
      case 'string':
      case 'number':
      case 'boolean':
        return typeof value === type
      default:
        return type satisfies never
    }
  }

  #fitsObject(properties: Record<string, JsonSchema>, value: Record<string, unknown>, follow: Follow): boolean {
    const known = Object.entries(properties).every(([name, member]) =>
      this.fits(member, Object.hasOwn(value, name) ? value[name] : null, follow),
    )
    return known && Object.keys(value).every((name) => Object.hasOwn(properties, name))
  }
}

/** Tells whether an object carries the constants of a schema, whatever else is wrong with it. */
export function looksLike(json: JsonSchema, value: unknown, follow: Follow): boolean {
  if (json.$ref !== undefined) return looksLike(follow(json.$ref) ?? {}, value, follow)
  if (!isObject(value)) return false
  const tags = Object.entries(json.properties ?? {}).filter(([, member]) => member.const !== undefined)
  return tags.length > 0 && tags.every(([name, member]) => member.const === value[name])
}
