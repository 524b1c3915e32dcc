// What a schema checks and JSON Schema cannot say, in words: a source writes it beside the place, the strict form says it in
// the description, and a complaint says it again.
import { follow } from './follow.ts'
import { dependentsOf } from './members.ts'
import { isList, isObject, type Raw } from './raw.ts'

/** Where a source writes, beside a place, what is checked there beyond its keywords: a list of phrases. */
export const WORDS = 'x-reprise-words'

/** What is checked at a place beyond its keywords. */
export function wordsOf(raw: Raw): readonly string[] {
  const words = raw[WORDS]
  return isList(words) ? words.filter((word) => typeof word === 'string') : []
}

/** What is checked beyond keywords where a value stands, by its keys from the root; alternatives say all of theirs. */
export function wordsAt(root: Raw, keys: readonly PropertyKey[]): readonly string[] {
  const places = keys.reduce<ReadonlySet<Raw>>(
    (found, key) =>
      reach(
        [...found].map((raw) => into(raw, key)),
        root,
      ),
    reach([root], root),
  )
  return [...new Set([...places].flatMap(wordsOf))]
}

/** Places, what they refer to, and what they may be or must be on a condition: each once. */
export function reach(places: readonly unknown[], root: Raw): ReadonlySet<Raw> {
  const reached = new Set(places.filter(isObject))
  for (const raw of reached) for (const part of sameIn(raw, root)) reached.add(part)
  return reached
}

/** The schemas that a value is held to, or may be, together with one that it is held to. */
export function sameIn(raw: Raw, root: Raw): readonly Raw[] {
  const { $ref, anyOf, oneOf, allOf, then, else: otherwise } = raw
  const target = typeof $ref === 'string' ? follow(root, $ref) : undefined
  const dependents = dependentsOf(raw).map(([, needed]) => needed)
  return [target, anyOf, oneOf, allOf, then, otherwise, dependents].flat().filter(isObject)
}

function into(raw: Raw, key: PropertyKey): unknown {
  const { properties, additionalProperties, items, prefixItems } = raw
  if (typeof key === 'number')
    return isList(prefixItems) ? (prefixItems[key] ?? items) : isList(items) ? items[key] : items
  const name = String(key)
  return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties
}
