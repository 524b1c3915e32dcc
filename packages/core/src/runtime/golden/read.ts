// Reads a golden file, of which every line is somebody else's: what is not what it must be is refused, with its line.
import type { Concurrency } from '../../contracts/run.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import type { Totals } from '../../contracts/totals.ts'
import { isObject } from '../../define/argument.ts'
import { FORMAT } from '../../journal/format.ts'
import { cut } from '../../values/cut.ts'
import { isRunId, isSessionLineage, isText } from '../../values/ids.ts'
import { badLine, Members } from './bad-line.ts'
import { used } from './bodies.ts'
import { checkFirst, checkWhole } from './check-whole.ts'
import { GOLDEN_VERSION, type GoldenRow, type GoldenRun } from './format.ts'
import { type Line, Lines } from './lines.ts'
import { parseLine, SHOWN } from './parse-line.ts'
import { readEntry } from './read-entry.ts'

/** Text of a golden file, cut anywhere. */
export type GoldenText = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

const HEAD = ['reprise', 'version', 'journal', 'by']
const ORIGIN = ['parentId', 'parentKey', 'lineageId', 'forkOf', 'forkSeq', 'root', 'round']
const ROW = ['run', 'kind', 'name', 'version', ...ORIGIN, 'status', 'tags', 'createdAt', 'endedAt', 'totals', 'entries']
/** What a run may have beside that. */
const SAID = ['sessionId', 'turn', 'tenant', 'user', 'concurrency', 'deadlineAt']
const ACCEPTED = ['agent', 'field', 'recorded', 'today']

/**
 * Gives the runs of a golden file, one after the other, as soon as each is whole.
 *
 * @throws DefinitionError with code `bad_golden`, naming the line.
 */
export async function* readRuns(pieces: GoldenText): AsyncGenerator<GoldenRun, void, undefined> {
  const lines = new Lines()
  const reader = new Reader()
  for await (const piece of pieces) yield* runsIn(reader, lines.push(piece))
  yield* runsIn(reader, lines.end())
  reader.end()
}

function* runsIn(reader: Reader, lines: readonly Line[]): Generator<GoldenRun, void, undefined> {
  for (const line of lines) {
    const run = reader.read(line)
    if (run) yield run
  }
}

/** A run whose entries are still to come. */
interface Open extends GoldenRun {
  readonly entries: StoredEntry[]
  readonly count: number
}

/** What may come next: a head; a run, or the end; an entry of the run that is open; what was accepted, or another head. */
type State =
  | { readonly kind: 'head' }
  | { readonly kind: 'runs'; readonly runs: number }
  | { readonly kind: 'entries'; readonly runs: number; readonly open: Open }
  | { readonly kind: 'ended' }

class Reader {
  #state: State = { kind: 'head' }
  #last = 0

  /** The run that a line makes whole, if any. */
  read({ number, text }: Line): GoldenRun | undefined {
    this.#last = number
    const state = this.#state
    if (state.kind === 'entries') return this.#entry({ number, text }, state)
    const members = parseLine({ number, text })
    switch (state.kind) {
      case 'runs':
        if ('end' in members) return this.#end(number, members, state.runs)
        this.#state = { kind: 'entries', runs: state.runs + 1, open: runOf(number, members) }
        return undefined
      case 'ended':
        return 'accepted' in members ? checkAccepted(number, members) : this.#head(number, members)
      case 'head':
        return this.#head(number, members)
      default:
        return state satisfies never
    }
  }

  /** @throws DefinitionError where the file ends too early. */
  end(): void {
    const { kind } = this.#state
    if (kind === 'ended') return
    const what = kind === 'head' ? 'there is nothing' : 'the file ends after it'
    const expected =
      kind === 'head'
        ? 'A golden file begins with its head. Give what runtime.export or reprise export wrote.'
        : 'Its last line says how many runs it has, and that is missing: it was cut off. Export the runs again.'
    throw badLine(Math.max(1, this.#last), what, expected)
  }

  /** Of the file, or of another that follows it. */
  #head(line: number, members: Readonly<Record<string, unknown>>): undefined {
    checkHead(line, members)
    this.#state = { kind: 'runs', runs: 0 }
  }

  #entry(line: Line, { open, runs }: State & { kind: 'entries' }): GoldenRun | undefined {
    const { entry, body } = readEntry(line, open)
    open.entries.push(entry)
    if (entry.seq === 0) checkFirst(open, entry, body)
    if (open.entries.length < open.count) return undefined
    checkWhole(open)
    this.#state = { kind: 'runs', runs }
    return { line: open.line, row: open.row, entries: open.entries }
  }

  #end(line: number, members: Readonly<Record<string, unknown>>, runs: number): undefined {
    const end = new Members(line, members, ['end']).whole('end', 0)
    if (end !== runs)
      throw badLine(line, `"end" is ${end}`, `There are ${runs} runs before it: some are missing. Export them again.`)
    this.#state = { kind: 'ended' }
  }
}

function checkHead(line: number, given: Readonly<Record<string, unknown>>): void {
  if (given['reprise'] !== 'golden')
    throw badLine(
      line,
      `it is not the head of a golden file: ${cut(JSON.stringify(given), SHOWN)}`,
      'It begins with a line that says "reprise":"golden". Give what runtime.export or reprise export wrote. What was recorded elsewhere is read by reprise import --from.',
    )
  const members = new Members(line, given, HEAD)
  members.take(
    'version',
    (value) => value === GOLDEN_VERSION,
    `${GOLDEN_VERSION}, the only one that this release knows`,
  )
  const isKnown = (value: unknown): value is number => value === 1 || value === FORMAT
  members.take('journal', isKnown, `1 to ${FORMAT}: a newer release wrote the file, and it takes one to read it`)
  members.take('by', isText, 'text')
}

function runOf(line: number, given: Readonly<Record<string, unknown>>): Open {
  const members = new Members(line, given, [...ROW, ...SAID])
  const id = members.take('run', isId, ID)
  const entries = members.whole('entries', 1)
  const row: GoldenRow = {
    id,
    kind: members.word('kind', ['agent', 'team', 'workflow']),
    name: members.take('name', isText, 'text'),
    version: members.whole('version', 1),
    parentId: members.take('parentId', orNull(isId), `null or ${ID}`),
    parentKey: members.take('parentKey', orNull(isText), 'null or text'),
    lineageId: members.take('lineageId', isLineageId, `${ID}, or of a session`),
    forkOf: members.take('forkOf', orNull(isId), `null or ${ID}`),
    forkSeq: members.of('forkSeq') === null ? null : members.whole('forkSeq', 0),
    sessionId: members.of('sessionId') === undefined ? null : members.take('sessionId', isId, ID),
    turn: members.of('turn') === undefined ? null : members.whole('turn', 1),
    root: members.take('root', isId, ID),
    round: members.whole('round', 1),
    status: members.word('status', [
      ...(['queued', 'running', 'waiting', 'quarantined'] as const),
      ...(['completed', 'failed', 'cancelled'] as const),
    ]),
    tags: members.take('tags', isTexts, 'a list of texts'),
    tenant: whose(members, 'tenant'),
    user: whose(members, 'user'),
    concurrency: members.of('concurrency') === undefined ? null : concurrencyOf(members),
    deadlineAt: members.of('deadlineAt') === undefined ? null : members.moment('deadlineAt'),
    createdAt: members.moment('createdAt'),
    endedAt: members.of('endedAt') === null ? null : members.moment('endedAt'),
    totals: totalsOf(members),
  }
  return { line, row, entries: [], count: entries }
}

function whose(members: Members, name: string): string | null {
  return members.of(name) === undefined ? null : members.take(name, isText, 'text, or left out')
}

function concurrencyOf(members: Members): Concurrency {
  const given = members.take('concurrency', isObject, 'an object of key and limit, or left out')
  const own = new Members(members.line, given, ['key', 'limit'])
  return { key: own.take('key', isText, 'text'), limit: own.whole('limit', 1) }
}

function totalsOf(members: Members): Totals {
  const totals = members.take('totals', isObject, 'an object')
  const wrong = used(totals)
  if (wrong !== undefined)
    throw badLine(members.line, `"totals"${wrong}`, 'Its figures must be whole numbers, 0 or more.')
  // `used` has said that it is.
  return totals as unknown as Totals
}

/** Who imports a run has no use for it: it is for whoever replays the file. */
function checkAccepted(line: number, given: Readonly<Record<string, unknown>>): undefined {
  const accepted = new Members(line, given, ['accepted']).take('accepted', isObject, 'an object')
  const members = new Members(line, accepted, ACCEPTED)
  for (const name of ACCEPTED) members.take(name, isText, 'text')
}

const ID = 'the id of a run: 1 to 200 printable characters without spaces'

function isId(value: unknown): value is string {
  return typeof value === 'string' && isRunId(value)
}

function isLineageId(value: unknown): value is string {
  return typeof value === 'string' && (isRunId(value) || isSessionLineage(value))
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText)
}

function orNull<T>(fits: (value: unknown) => value is T): (value: unknown) => value is T | null {
  return (value): value is T | null => value === null || fits(value)
}
