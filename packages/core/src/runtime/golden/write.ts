// The lines of a golden file, each with its line feed. `format.ts` says what they are.
import type { RunRow } from '../../contracts/run.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import { FORMAT } from '../../journal/format.ts'
import { GOLDEN_VERSION, type GoldenRow } from './format.ts'

/** The first line. */
export function headLine(by: string): string {
  return line(JSON.stringify({ reprise: 'golden', version: GOLDEN_VERSION, journal: FORMAT, by }))
}

/** The line of a run. */
export function runLine(row: RunRow, entries: number): string {
  const { id: run, sessionId, turn, tenant, user, concurrency, deadlineAt, ...rest } = goldenRow(row)
  const said = Object.entries({ sessionId, turn, tenant, user, concurrency, deadlineAt }).filter(
    ([, value]) => value !== null,
  )
  // A file of runs of which none of that was said is read by releases that do not know it, too.
  return line(JSON.stringify({ run, ...rest, ...Object.fromEntries(said), entries }))
}

/** The line of an entry. Its parts that need no escapes are put together as they are. */
export function entryLine({ seq, key, kind, attempt, at, digest, text }: StoredEntry): string {
  const place = `"seq":${seq},"key":${JSON.stringify(key)},"kind":"${kind}","attempt":${attempt},"at":${at}`
  return line(`{${place},"digest":"${digest}","body":${text}}`)
}

/** The last line: how many runs there were. */
export function endLine(runs: number): string {
  return line(JSON.stringify({ end: runs }))
}

/** What of a row is evidence, and nothing else. */
export function goldenRow(row: GoldenRow): GoldenRow {
  const { id, kind, name, version, parentId, parentKey, lineageId, forkOf, forkSeq, sessionId, turn, root, round } = row
  const { status, tags, tenant, user, createdAt, endedAt, totals } = row
  const { concurrency, deadlineAt } = endedAt === null ? row : { concurrency: null, deadlineAt: null }
  const origin = { parentId, parentKey, lineageId, forkOf, forkSeq, sessionId, turn, root, round }
  return {
    id,
    kind,
    name,
    version,
    ...origin,
    status,
    tags,
    tenant,
    user,
    concurrency,
    deadlineAt,
    createdAt,
    endedAt,
    totals,
  }
}

const SEPARATORS = /[\u2028\u2029]/g

/** JSON leaves two signs as they are at which some readers of lines, Node's own among them, begin another. */
function line(json: string): string {
  // Most texts have none of them, and to look for one sign takes less than for either.
  if (!json.includes(`\u2028`) && !json.includes(`\u2029`)) return `${json}\n`
  return `${json.replaceAll(SEPARATORS, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`)}\n`
}
