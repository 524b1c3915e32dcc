import { follow } from './follow.ts'
import { isList, isObject, type Raw } from './raw.ts'

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
