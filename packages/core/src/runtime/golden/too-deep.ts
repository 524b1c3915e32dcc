import { MOST_LEVELS } from '../../values/json.ts'

/** A body holds values that nest so deep, and a little more around them. */
const MOST_OF_A_BODY = 2 * MOST_LEVELS

/**
 * Tells whether a value of JSON nests deeper than any body does: whoever walks it by calling itself would not come back.
 *
 * @param text that says it, whatever else it says: a short one has too few brackets.
 */
export function tooDeep(text: string, value: unknown): boolean {
  return text.length > 2 * MOST_OF_A_BODY && nests(value, 0)
}

function nests(value: unknown, level: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (level === MOST_OF_A_BODY) return true
  for (const member of Array.isArray(value) ? (value as readonly unknown[]) : Object.values(value))
    if (nests(member, level + 1)) return true
  return false
}
