/** A copy of a value that shares nothing with it, or that none can be made of it. */
export type Copy = { readonly value: unknown } | undefined

/**
 * Copies what a schema has made: JSON and, beyond that, dates, maps, sets, bytes, bigints and undefined. Of anything else,
 * as an object of a class or a function, no copy is made: nobody knows what belongs to it.
 */
export function copyValue(value: unknown): Copy {
  return isCopied(value, []) ? { value: structuredClone(value) } : undefined
}

function isCopied(value: unknown, above: readonly object[]): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false
  if (typeof value !== 'object' || value === null) return true
  if (above.includes(value)) return false
  const inside = [...above, value]
  const all = (parts: Iterable<unknown>): boolean => [...parts].every((part) => isCopied(part, inside))
  const prototype: unknown = Object.getPrototypeOf(value)
  switch (prototype) {
    case Array.prototype:
      return all(value as readonly unknown[])
    case Map.prototype:
      return all([...(value as Map<unknown, unknown>)].flat())
    case Set.prototype:
      return all(value as Set<unknown>)
    case Date.prototype:
    case Uint8Array.prototype:
      return true
    case Object.prototype:
      return all(Object.values(value))
    default:
      return false
  }
}
