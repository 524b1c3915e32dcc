import type { parse } from 'csv-parse/sync'
import { RELAXED } from './records.ts'

/** What may stand between fields. A comma stands inside of text and numbers more than the others do, so it is last. */
const DELIMITERS = ['\t', ';', '|', ','] as const

const SAMPLE_RECORDS = 50

/** Where the fields of a text end, and how many lines at its beginning are not its own. */
export interface Layout {
  readonly delimiter: string
  readonly skipLines: number
}

/**
 * Finds what stands between the fields of a text: what Excel's first line says (`sep=;`), or what cuts the first
 * records into equally many, more than one.
 *
 * @param sample the beginning of the text, which may end anywhere.
 */
export function findLayout(sample: string, parseSync: typeof parse): Layout {
  const [, said] = /^"?sep=(.)"?\r?\n/i.exec(sample) ?? []
  if (said !== undefined) return { delimiter: said, skipLines: 1 }
  const scores = DELIMITERS.map((delimiter) => ({ delimiter, score: scoreOf(widths(sample, delimiter, parseSync)) }))
  const best = scores.reduce((best, next) => (next.score > best.score ? next : best))
  return { delimiter: best.score > 0 ? best.delimiter : ',', skipLines: 0 }
}

function widths(sample: string, delimiter: string, parseSync: typeof parse): number[] {
  // The last line may be half a line.
  const whole = sample.slice(0, sample.lastIndexOf('\n') + 1) || sample
  const widths: number[] = []
  try {
    parseSync(whole, {
      ...RELAXED,
      delimiter,
      to: SAMPLE_RECORDS,
      on_record: (record) => {
        widths.push(record.length)
        return null
      },
    })
  } catch {
    // What came before counts.
  }
  return widths
}

/** Which part of the records has the most common width, or 0 where that is one field. */
function scoreOf(widths: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1)
  const [width = 1, count = 0] = [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? []
  return width > 1 ? count / widths.length : 0
}
