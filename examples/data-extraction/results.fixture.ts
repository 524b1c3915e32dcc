import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Extracted } from './extraction/extracted.ts'
import type { Statement } from './extraction/statement.ts'

const EXPECTED = JSON.parse(readFileSync(join(import.meta.dirname, 'check', 'expected.json'), 'utf8')) as Readonly<
  Record<string, Statement>
>

const right = (file: string): Extracted => ({ file, status: 'right', statement: EXPECTED[file] ?? null, problems: [] })

/** What is written of the demo's own statements before a person has looked. */
export const RESULTS: readonly Extracted[] = [
  right('aldgate-print.csv'),
  right('bergmann-werkzeug.csv'),
  right('cafe-lumiere.csv'),
  right('delta-freight.csv'),
  right('eastbank-account.csv'),
  right('fjord-energi.txt'),
  right('green-valley.txt'),
  {
    ...right('harbour-supplies.csv'),
    status: 'review',
    problems: ['The lines come to 1,284.50 GBP, and the total is 1,248.50 GBP.'],
  },
  right('ito-shoten.csv'),
  {
    file: 'kestrel-hosting.csv',
    status: 'review',
    statement: null,
    problems: ['It is a web page: 503 Service Temporarily Unavailable.'],
  },
]

/** What a demo has written. */
export function resultsIn(out: string): readonly Extracted[] {
  return JSON.parse(readFileSync(join(out, 'statements.json'), 'utf8')) as Extracted[]
}
