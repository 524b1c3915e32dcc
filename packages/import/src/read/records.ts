import { type Fields, isFields } from './json.ts'
import type { Report } from './report.ts'

/** Text, whole or cut anywhere. */
export type RecordedText = string | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/** One object of a file. */
export interface FileRecord {
  /** Where it stands: `line 3`, or `item 3` of a file that is one list. */
  readonly where: string
  readonly fields: Fields
}

/** Reads JSON Lines, or a file that is one list or object of JSON. What is neither is reported. */
export async function readRecords(text: RecordedText, report: Report): Promise<readonly FileRecord[]> {
  const whole = (typeof text === 'string' ? text : await joined(text)).replace(/^\uFEFF/, '')
  const one = whole.trimStart().startsWith('[') || isSpread(whole) ? parse(whole) : undefined
  if (one) return recordsIn(Array.isArray(one.value) ? one.value : [one.value], 'item', report)
  const records: FileRecord[] = []
  for (const [index, line] of whole.split('\n').entries()) {
    if (line.trim() === '') continue
    const read = parse(line)
    if (read && isFields(read.value)) records.push({ where: `line ${index + 1}`, fields: read.value })
    else report.leaveOut(`line ${index + 1}`, `it is no object of JSON: ${line.slice(0, 60)}`)
  }
  return records
}

/** Whether a file's first line is no object by itself, as of one that is laid out for people. */
function isSpread(whole: string): boolean {
  const [first = ''] = whole.trimStart().split('\n', 1)
  return parse(first) === undefined
}

function recordsIn(values: readonly unknown[], what: string, report: Report): readonly FileRecord[] {
  return values.flatMap((value, index) => {
    const where = `${what} ${index + 1}`
    if (isFields(value)) return { where, fields: value }
    report.leaveOut(where, `it is no object: ${JSON.stringify(value).slice(0, 60)}`)
    return []
  })
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

async function joined(pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  const all: string[] = []
  for await (const piece of pieces)
    all.push(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }))
  return all.join('') + decoder.decode()
}
