import { ToolError } from '@reprise/core'
import { cut } from '../text/cut.ts'

const MAX_NAME_CHARS = 200
/** How many names an error lists. */
const MAX_LISTED = 100

/** Names the columns after a header: none is empty, none stands twice. */
export function nameColumns(header: readonly string[]): string[] {
  const names = new Set<string>()
  const counts = new Map<string, number>()
  for (const [index, field] of header.entries()) {
    const name = cut(field.trim(), MAX_NAME_CHARS) || `column ${index + 1}`
    let count = counts.get(name) ?? 1
    let unique = name
    while (names.has(unique)) unique = `${name} (${++count})`
    counts.set(name, count)
    names.add(unique)
  }
  return [...names]
}

/**
 * Finds the places of columns by their names.
 *
 * @throws ToolError with code `no_column` that lists the names there are.
 */
export function placesOf(wanted: readonly string[], names: readonly string[], path: string): number[] {
  const places = new Map(names.map((name, place) => [name, place]))
  return wanted.map((name) => {
    const place = places.get(name.trim())
    if (place !== undefined) return place
    const listed = names.slice(0, MAX_LISTED).map((name) => JSON.stringify(name))
    if (names.length > MAX_LISTED) listed.push('…')
    throw new ToolError({
      code: 'no_column',
      message: `${JSON.stringify(path)} has no column ${JSON.stringify(name)}. It has: ${listed.join(', ')}.`,
      details: { path, column: name },
    })
  })
}
