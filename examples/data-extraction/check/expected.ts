import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Extracted } from '../extraction/extracted.ts'
import type { Statement } from '../extraction/statement.ts'

/** What the demo's own statements hold, written down by hand. */
const EXPECTED = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8')) as Readonly<
  Record<string, Statement>
>

/** The files that nobody can read as right, however well: one is wrong in itself, one is no statement. */
const FOR_A_PERSON: ReadonlySet<string> = new Set(['harbour-supplies.csv', 'kestrel-hosting.csv'])

/**
 * Holds what was read from the demo's own statements against what they hold: the part's bad habits must not show.
 * Each line of the result is something that is wrong.
 */
export function checkExpected(all: readonly Extracted[]): string[] {
  return all.flatMap(({ file, status, statement }) => {
    const isRight = FOR_A_PERSON.has(file) ? status !== 'right' : status === 'right'
    if (!isRight) return [`${file} must not be ${status}.`]
    if (status === 'corrected' || isDeepStrictEqual(statement, EXPECTED[file] ?? null)) return []
    return [`${file} was read as ${JSON.stringify(statement)}.`]
  })
}
