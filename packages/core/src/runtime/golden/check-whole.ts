import type { Entry, EntryBodies } from '../../contracts/entry.ts'
import type { EndedStatus, RunRow } from '../../contracts/run.ts'
import type { StoredEntry } from '../../contracts/write.ts'
import { ENDS } from '../../journal/entry-kinds.ts'
import { badLine } from './bad-line.ts'
import type { GoldenRun } from './format.ts'

/**
 * Holds a run's row to its first entry, which says of what the run is.
 *
 * @param body of the entry: it has the shape that its kind has.
 * @throws DefinitionError with code `bad_golden`.
 */
export function checkFirst({ line, row }: Pick<GoldenRun, 'line' | 'row'>, { kind }: StoredEntry, body: unknown): void {
  if (kind !== 'run.started')
    throw badLine(line, `the run "${row.id}" begins with ${kind}`, 'A run begins with run.started. Export it again.')
  const { definition } = body as EntryBodies['run.started']
  // A fork's first entry is that of the run that it was made from, and it goes on under the newest version.
  const isOfVersion = row.forkOf !== null || definition.version === row.version
  if (definition.kind !== row.kind || definition.name !== row.name || !isOfVersion)
    throw badLine(
      line,
      `the run "${row.id}" is of ${row.kind} "${row.name}" ${row.version}`,
      `By its first entry it is of ${definition.kind} "${definition.name}" ${definition.version}. Export it again.`,
    )
}

/**
 * Holds a run's row to all of its entries: it has ended where these say so, and nowhere else.
 *
 * @throws DefinitionError with code `bad_golden`.
 */
export function checkWhole({ line, row, entries }: GoldenRun): void {
  const early = entries.slice(0, -1).find(({ kind }) => ENDS.has(kind))
  if (early)
    throw badLine(
      line,
      `the run "${row.id}" goes on after ${early.kind}`,
      'A run ends with such an entry. Export it again.',
    )
  const status = endedAs(entries.at(-1))
  if (status === undefined ? isEnded(row) : row.status !== status || row.endedAt === null)
    throw badLine(
      line,
      `the run "${row.id}" stands as ${row.status}, and has ${row.endedAt === null ? 'not ended' : 'ended'}`,
      `By its last entry it ${status === undefined ? 'has not ended' : `has ended as ${status}`}. Export it again.`,
    )
}

/** Tells whether a row says that its run has ended. */
export function isEnded({ status, endedAt }: Pick<RunRow, 'status' | 'endedAt'>): boolean {
  return endedAt !== null || status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** How an entry ends its run; undefined for one that does not. */
function endedAs(last: StoredEntry | undefined): EndedStatus | undefined {
  const ending: Partial<Record<Entry['kind'], EndedStatus>> = {
    'run.completed': 'completed',
    'run.failed': 'failed',
    'run.cancelled': 'cancelled',
  }
  return last && ending[last.kind]
}
