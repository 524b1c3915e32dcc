// What the parts of a value are held to, by the schema of the whole.
import { isList, isObject, type Raw } from './raw.ts'
import { regexOf } from './regex.ts'

/** The schemas that a property is held to by its name. */
export function membersOf(raw: Raw, name: string): readonly unknown[] {
  const { properties, patternProperties, additionalProperties } = raw
  const named = isObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : []
  const matching = Object.entries(isObject(patternProperties) ? patternProperties : {})
    .filter(([pattern]) => regexOf(pattern)?.test(name))
    .map(([, member]) => member)
  const own = [...named, ...matching]
  return own.length > 0 || additionalProperties === undefined ? own : [additionalProperties]
}

/** The schema of an item by its place. */
export function itemAt(raw: Raw, at: number): unknown {
  const places = raw['prefixItems'] ?? raw['items']
  if (!isList(places)) return places
  return at < places.length ? places[at] : raw['prefixItems'] ? raw['items'] : raw['additionalItems']
}

/** What some properties bring with them where they are given: names that must be given too, or a schema of the whole. */
export function dependentsOf(raw: Raw): readonly (readonly [name: string, needed: unknown])[] {
  const { dependentRequired, dependentSchemas, dependencies } = raw
  return [dependentRequired, dependentSchemas, dependencies].flatMap((one) =>
    isObject(one) ? Object.entries(one) : [],
  )
}
