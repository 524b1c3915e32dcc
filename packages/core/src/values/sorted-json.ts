import { type Json, setMember } from './json.ts'

/**
 * Says JSON with the keys of each object in order, so that two that are the same read the same, whoever wrote them.
 *
 * @example
 * ```ts
 * import { sortedJson } from '@reprise/core'
 *
 * console.log(sortedJson({ orderId: '4711', amountUsd: 30 })) // {"amountUsd":30,"orderId":"4711"}
 * ```
 */
export function sortedJson(value: unknown): string {
  return JSON.stringify(sorted(value))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const copy: Record<string, Json> = {}
  // By their code units: the order must not be that of somebody's language.
  for (const key of Object.keys(value).toSorted()) setMember(copy, key, sorted((value as Record<string, unknown>)[key]))
  return copy
}
