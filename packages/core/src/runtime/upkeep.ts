// What is done with the data of runs that have ended: deleted, copied, erased.
import type { Author } from '../contracts/audit.ts'
import type { EndedStatus, RunRow } from '../contracts/run.ts'
import { badArgument, checkOptions } from '../define/argument.ts'
import { checkMs, checkText } from '../define/names.ts'
import type { Engine } from '../engine/engine.ts'
import { noteOf } from '../journal/audit-note.ts'
import { DefinitionError } from '../values/errors.ts'
import { isSessionLineage } from '../values/ids.ts'

/** How runs end. */
const ENDED: readonly EndedStatus[] = ['completed', 'failed', 'cancelled']

/** How many runs a store is asked to delete at once: it looks through what has ended once for each such question. */
const GC_RUNS = 10_000

/** Which ended runs are deleted. */
export interface GcOptions {
  /** How long ago they must have ended, in milliseconds. */
  readonly olderThanMs: number
  /** How they must have ended. @default all three */
  readonly statuses?: readonly EndedStatus[]
}

/** Deletes ended runs; gives how many. See `Runtime.gc`. */
export async function gc({ store, clock }: Pick<Engine, 'store' | 'clock'>, options: GcOptions): Promise<number> {
  const expected = 'Give it { olderThanMs }, with how long ago runs must have ended to be deleted, in milliseconds.'
  checkOptions('runtime.gc was given options', options, expected)
  const { olderThanMs, statuses = ENDED } = options
  if (!Array.isArray(statuses) || statuses.some((status: EndedStatus) => !ENDED.includes(status)))
    throw badArgument('runtime.gc was given statuses', statuses, `Give it a list of some of: ${ENDED.join(', ')}.`)
  checkMs('gc', 'olderThanMs', olderThanMs)
  const before = Math.floor(clock.now() - olderThanMs)
  let deleted = 0
  for (let some = GC_RUNS; some >= GC_RUNS; deleted += some) some = (await store.gc(before, statuses, GC_RUNS)).length
  return deleted
}

/** Copies a store to a file. See `Runtime.backup`. */
export async function backup(
  { store, clock }: Pick<Engine, 'store' | 'clock'>,
  path: string,
  by: Author,
): Promise<void> {
  checkText('runtime.backup', 'path', path)
  if (!store.backup) {
    const message =
      'This store has no file that could be copied. Back up what it keeps its runs in, such as a Postgres database by pg_dump, or use sqlite(path).'
    throw new DefinitionError({ code: 'no_backup', message })
  }
  // First: the copy says of itself that it was made.
  const nothing = { runId: null, lineageId: null, tenant: null, what: null }
  await store.note([{ at: clock.now(), action: 'backed-up', by, ...nothing }])
  await store.backup(path)
}

/** What was erased. */
export interface Erased {
  readonly runs: number
  /** Somebody reads the store's files just then: what was erased is gone from them when that ends. */
  readonly pending?: true
}

/** Erases the lineage of a first run, or that of a turn's session. See `Runtime.erase`. */
export async function erase(
  { store, clock }: Pick<Engine, 'store' | 'clock'>,
  { id, lineageId, tenant, sessionId }: Pick<RunRow, 'id' | 'lineageId' | 'tenant' | 'sessionId'>,
  by: Author,
): Promise<Erased> {
  if (lineageId !== id && sessionId === null) throw notTheFirst(id, lineageId)
  const at = clock.now()
  const note = noteOf({ id, lineageId, tenant }, { action: 'erased', by, at })
  const erasure = await store.erase(lineageId, by.id, at, note)
  if (erasure.kind === 'active') throw notEnded(id, erasure.runIds)
  return { runs: erasure.runs, ...(erasure.pending && { pending: true }) }
}

function notTheFirst(runId: string, lineageId: string): DefinitionError {
  const first = isSessionLineage(lineageId) ? `the ${lineageId}` : `"${lineageId}"`
  return new DefinitionError({
    code: 'not_the_first',
    message: `The run "${runId}" cannot be erased by itself: it came of ${first}. Erase that, with all that came of it.`,
    details: { runId, lineageId },
  })
}

function notEnded(runId: string, runIds: readonly string[]): DefinitionError {
  const ids = runIds.slice(0, 5).map((id) => `"${id}"`)
  const more = runIds.length > ids.length ? ` and ${runIds.length - ids.length} more` : ''
  return new DefinitionError({
    code: 'run_active',
    message: `The run "${runId}" cannot be erased: ${ids.join(', ')}${more} ${runIds.length > 1 ? 'have' : 'has'} not ended. Cancel ${runIds.length > 1 ? 'them' : 'it'} first: runtime.cancel(id).`,
    details: { runId, runIds },
  })
}
