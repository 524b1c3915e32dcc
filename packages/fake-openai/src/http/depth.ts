import { type ApiError, beyondTheFake } from './api-error.ts'

/** How deep JSON may nest here: what reads it calls itself for each level, and the stack has an end. */
const LEVELS = 1000

/** Whether JSON nests deeper than anything here can read. It is looked at level by level. */
export function nestsTooDeep(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; depth <= LEVELS; depth += 1) {
    level = level.flatMap(inside)
    if (level.length === 0) return false
  }
  return true
}

function inside(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}

/** What is said of JSON that nests too deep; the platform's own limit is not known. */
export function tooDeep(): ApiError {
  return beyondTheFake(`A body that nests more than ${LEVELS} levels deep`)
}
