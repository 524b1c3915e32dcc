import { type Json, sortedJson } from '@reprise/core'

/** Says a value so that equal ones read the same: keys in order, and a member that is null like one that is not there. */
export function canonical(value: unknown): string {
  // What code made of it (dates, undefined members) is said as JSON says it, but for numbers that are none.
  const json = JSON.parse(JSON.stringify(value ?? null, named)) as Json
  return sortedJson(withoutNulls(json))
}

/** JSON would say null of what is no finite number, and that is another thing. */
function named(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `no number: ${value}` : value
}

function withoutNulls(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(withoutNulls)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, held]) =>
      held === null || held === undefined ? [] : [[key, withoutNulls(held)] as const],
    ),
  )
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
