// What a schema checks and JSON Schema cannot say, in words: a source writes it beside the place, the strict form says it in
// the description, and a complaint says it again.
import { follow } from './follow.ts'
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
  const places = keys.reduce<readonly Raw[]>(
    (found, key) => found.flatMap((raw) => into(raw, key, root)),
    reach(root, root),
  )
  return [...new Set(places.flatMap(wordsOf))]
}

/** A place, what it refers to, and what it may be. */
function reach(raw: unknown, root: Raw, seen: readonly unknown[] = []): readonly Raw[] {
  if (!isObject(raw) || seen.includes(raw)) return []
  const { $ref, anyOf, oneOf, allOf } = raw
  const target = typeof $ref === 'string' ? [follow(root, $ref)] : []
  const inner = [...target, ...[anyOf, oneOf, allOf].flatMap((list) => (isList(list) ? list : []))]
  return [raw, ...inner.flatMap((part) => reach(part, root, [...seen, raw]))]
}

function into(raw: Raw, key: PropertyKey, root: Raw): readonly Raw[] {
  const { properties, additionalProperties, items, prefixItems } = raw
  if (typeof key === 'number') {
    const place = isList(prefixItems) ? (prefixItems[key] ?? items) : isList(items) ? items[key] : items
    return reach(place, root)
  }
  const name = String(key)
  return reach(isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties, root)
}
