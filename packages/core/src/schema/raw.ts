/** A JSON Schema as a library emitted it: nothing about it is known yet. */
export type Raw = { readonly [keyword: string]: unknown }

/** Where a source marks a place that JSON Schema cannot say, with the name of the type that stands there. */
export const UNSAYABLE = 'x-reprise-unsayable'

/** Tells whether a value is an object that is no array. */
export function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tells whether a value is an array. Of what is not known, where `Array.isArray` would let it be anything. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** Gives what a reference inside a schema (`#`, `#/$defs/Node`) points at, or undefined. */
export function follow(root: Raw, pointer: string): unknown {
  if (!pointer.startsWith('#')) return undefined
  let place: unknown = root
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    place = typeof place === 'object' && place !== null && Object.hasOwn(place, key) ? (place as Raw)[key] : undefined
  }
  return place
}

/** Tells whether a schema of its own accepts null, before strict mode adds any. */
export function allowsNull(raw: unknown, root: Raw, above: readonly unknown[] = []): boolean {
  if (!isObject(raw) || above.includes(raw)) return false
  const inside = (part: unknown): boolean => allowsNull(part, root, [...above, raw])
  if (typeof raw['$ref'] === 'string') return inside(follow(root, raw['$ref']))
  const branches = raw['anyOf'] ?? raw['oneOf']
  if (isList(branches)) return branches.some(inside)
  if (isList(raw['allOf'])) return raw['allOf'].every(inside)
  if ('const' in raw) return raw['const'] === null
  if (isList(raw['enum'])) return raw['enum'].includes(null)
  return [raw['type']].flat().includes('null')
}

/** Tells whether a schema says anything about its values. */
export function isSaying(raw: unknown): raw is Raw {
  return isObject(raw) && Object.keys(raw).length > 0
}

/** Tells whether a schema accepts nothing at all. */
export function isNever(raw: unknown): boolean {
  return raw === false || (isObject(raw) && isObject(raw['not']) && Object.keys(raw['not']).length === 0)
}
