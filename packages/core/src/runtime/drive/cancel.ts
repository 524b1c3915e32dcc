import type { Author } from '../../contracts/audit.ts'
import type { RunRow } from '../../contracts/run.ts'
import { lostError } from '../../engine/commit/lost.ts'
import type { Engine } from '../../engine/engine.ts'
import { endStored, releaseStored } from '../../engine/session/take-up.ts'
import { reasonOf } from '../../engine/session/run-session.ts'
import { noteOf } from '../../journal/audit-note.ts'
import { lateness } from '../../journal/late.ts'
import { DefinitionError, RepriseError } from '../../values/errors.ts'
import { newestContinuation } from '../read/stored.ts'
import type { Lease } from './lease.ts'

/** What a run is changed by that may be driven here, elsewhere or nowhere. */
export interface ChangeHost {
  readonly engine: Engine
  readonly lease: Pick<Lease, 'ifFree'>
  /** Tells a run that is driven here that it has mail; false when it is not. */
  readonly notify: (runId: string) => boolean
  /** Does what opens a run, one thing at a time. */
  readonly exclusively: <T>(runId: string, open: () => Promise<T>) => Promise<T>
}

/**
 * Cancels a run here or, by its inbox, wherever it is driven. One that has ended stays as it is.
 *
 * @param by who wants it, where it is somebody: what comes of that, as that children are cancelled, is nobody's own deed.
 */
export async function cancel(host: ChangeHost, first: string, reason: string, by?: Author): Promise<void> {
  const { engine, lease } = host
  const { store } = engine
  const runId = await newestContinuation(store, first)
  const before = await store.run(runId)
  if (!before || before.endedAt !== null) return
  const at = engine.clock.now()
  const note = by && noteOf(before, { action: 'cancelled', by, at })
  await store.send({ runId, dedupe: 'cancel', kind: 'cancel', body: reason, at }, [], note)
  if (host.notify(runId)) return
  // Its owner may have let go of it before it could see the message.
  const row = await store.run(runId)
  if (!row || row.endedAt !== null) return cancelNext(host, runId, reason, by)
  const free = await lease.ifFree(row)
  if (!free) return
  // Its children first: should this process die in between, the message is still there for whoever takes the run up.
  await cancelChildren(host, runId, reason)
  await host.exclusively(runId, () => endStored(engine, free, reason).catch(unlessLost))
}

/** Where a run went on as another just then, that one is meant. */
async function cancelNext(host: ChangeHost, runId: string, reason: string, by?: Author): Promise<void> {
  const next = await newestContinuation(host.engine.store, runId)
  if (next !== runId) await cancel(host, next, reason, by)
}

async function cancelChildren(host: ChangeHost, parentId: string, reason: string): Promise<void> {
  const { store } = host.engine
  let page = await store.runs({ parentId })
  for (let last = page.at(-1); last; last = page.at(-1)) {
    for (const { id } of page) await cancel(host, id, reason)
    page = await store.runs({ parentId, after: last.id })
  }
}

/**
 * Ends a run that is late where nobody drives it; one that is not, or that somebody drives, stays as it is. Its children are
 * told first: should this process die in between, the run is as late as before. Called exclusively.
 *
 * @returns whether it was ended, by this process or by another just then.
 */
export async function endLate(host: ChangeHost, row: RunRow): Promise<boolean> {
  const { engine, lease } = host
  const late = row.endedAt === null ? lateness(row, engine.clock.now()) : undefined
  const free = late && (await lease.ifFree(row))
  if (!free) return false
  await cancelChildren(host, row.id, reasonOf(late))
  await endStored(engine, free, late).catch(unlessLost)
  return true
}

/**
 * Puts a run in quarantine back.
 *
 * @throws DefinitionError when it is not in quarantine.
 */
export async function release({ engine, lease, exclusively }: ChangeHost, runId: string, by: Author): Promise<void> {
  await exclusively(runId, async () => {
    const row = await engine.store.run(runId)
    if (row?.status !== 'quarantined') throw notQuarantined(runId, row?.status)
    const free = await lease.ifFree(row)
    if (!free) throw lostError(runId)
    await releaseStored(engine, free, by)
  })
}

function notQuarantined(runId: string, status: string | undefined): DefinitionError {
  const message = `The run "${runId}" is not in quarantine: it is ${status ?? 'not there'}. Only a run in quarantine is released.`
  return new DefinitionError({ code: 'not_quarantined', message, details: { runId } })
}

/** A run that somebody else took meanwhile is theirs, and no failure. */
export function unlessLost(error: unknown): 'lost' {
  if (!RepriseError.is(error) || error.code !== 'run_lost') throw error
  return 'lost'
}
