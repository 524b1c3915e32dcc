import { MOST_LEVELS } from '../../values/json.ts'

/** A body holds values that nest so deep, and a little more around them. */
const MOST_OF_A_BODY = 2 * MOST_LEVELS

/** Tells whether a value of JSON nests deeper than any body does: whoever walks it by calling itself would not come back. */
export function tooDeep(value: unknown, level = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  return level === MOST_OF_A_BODY || Object.values(value).some((member) => tooDeep(member, level + 1))
}
