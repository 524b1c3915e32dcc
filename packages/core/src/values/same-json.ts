/**
 * Tells whether two values are the same plain JSON: text, numbers, true and false, null, lists and plain objects. The
 * order of keys does not count, and an undefined member is none. What is no plain JSON is the same as nothing.
 */
export function sameJson(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || one === null)
    return (
      one === other && (one === null || typeof one === 'string' || typeof one === 'boolean' || Number.isFinite(one))
    )
  if (typeof other !== 'object' || other === null) return false
  if (Array.isArray(one))
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => sameJson(item, other[at]))
  return isPlain(one) && isPlain(other) && sameMembers(one, other)
}

function sameMembers(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): boolean {
  const names = Object.keys(one).filter((name) => one[name] !== undefined)
  const others = Object.keys(other).filter((name) => other[name] !== undefined)
  return (
    names.length === others.length &&
    names.every((name) => Object.hasOwn(other, name) && sameJson(one[name], other[name]))
  )
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  if (Array.isArray(value) || 'toJSON' in value) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
