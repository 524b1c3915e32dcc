// Reads the line of an entry, of which a file has more than of all others. What `write.ts` has written is taken as it stands,
// its body's text included; what somebody has written anew since then is put into JSON once more.
import type { EntryKind } from '../../contracts/entry.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import { isObject, sayGiven } from '../../define/argument.ts'
import { digest } from '../../values/digest.ts'
import { isText } from '../../values/ids.ts'
import { badLine, Members } from './bad-line.ts'
import { BODIES } from './bodies.ts'
import type { GoldenRun } from './format.ts'
import type { Line } from './lines.ts'
import { parseLine } from './parse-line.ts'
import { tooDeep } from './too-deep.ts'

const ENTRY = ['seq', 'key', 'kind', 'attempt', 'at', 'digest', 'body']

/** A line's members, its body apart where that was read by itself, with the text that its digest is of. */
interface Read {
  readonly given: Readonly<Record<string, unknown>>
  readonly written?: { readonly body: unknown; readonly text: string }
}

/** An entry, and what its body says. */
export interface ReadEntry {
  readonly entry: StoredEntry
  readonly body: unknown
}

/**
 * Reads the next entry of a run.
 *
 * @param run with the entries before it; `count` is how many it must have.
 * @throws DefinitionError with code `bad_golden`.
 */
export function readEntry(line: Line, { row, entries, count }: GoldenRun & { readonly count: number }): ReadEntry {
  const { number } = line
  const { given, written } = asWritten(line.text) ?? { given: parseLine(line) }
  const next = entries.length
  if (!('seq' in given))
    throw badLine(
      number,
      `the run "${row.id}" has ${next} entries before it`,
      `It must have ${count}: some are missing. Export it again.`,
    )
  const members = new Members(number, given, ENTRY)
  const seq = members.take(
    'seq',
    (value): value is number => value === next,
    `${next}: the entries of a run follow each other`,
  )
  const kind = members.take(
    'kind',
    isKind,
    'a kind of entry that this release knows: a newer one wrote the file, or it was changed',
  )
  const body = written ? written.body : members.take('body', isThere, 'there')
  if (tooDeep(line.text, body))
    throw badLine(
      number,
      '"body" nests too deep',
      'No journal has such an entry: the file was changed. Export the run again.',
    )
  const text = written?.text ?? JSON.stringify(body)
  const stated = members.take('digest', isText, 'text')
  if (!written && stated !== digest(text))
    throw badLine(
      number,
      `"digest" is ${sayGiven(stated)}`,
      `It must be ${digest(text)}, which is that of its body: the body or the digest was changed. Export the run again.`,
    )
  const wrong = BODIES[kind](body)
  if (wrong !== undefined)
    throw badLine(number, `"body"${wrong}`, `No entry of the kind ${kind} is like that. Export the run again.`)
  const key = members.take('key', isText, 'text')
  const attempt = members.whole('attempt', 1)
  return { entry: { seq, key, kind, attempt, at: members.moment('at'), text, digest: stated }, body }
}

const BODY = ',"body":'

/** Both parts of a line are read by themselves, so that the text of the body is one value of JSON and nothing else. */
function asWritten(line: string): Read | undefined {
  const at = line.indexOf(BODY)
  if (at < 0 || !line.endsWith('}')) return undefined
  const text = line.slice(at + BODY.length, -1)
  try {
    const given: unknown = JSON.parse(`${line.slice(0, at)}}`)
    if (!isObject(given) || 'body' in given || given['digest'] !== digest(text)) return undefined
    return { given, written: { body: JSON.parse(text), text } }
  } catch {
    return undefined
  }
}

function isThere(value: unknown): value is unknown {
  return value !== undefined
}

function isKind(value: unknown): value is EntryKind {
  return typeof value === 'string' && Object.hasOwn(BODIES, value)
}
