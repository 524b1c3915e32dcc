import type { Interrupted } from '../../contracts/entry.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Engine } from '../../engine/engine.ts'
import { recordError } from '../../engine/record-error.ts'
import { isLetGo } from '../../engine/session/interruption.ts'
import type { Standing } from '../../engine/session/row.ts'
import { messageOf } from '../../values/errors.ts'
import type { EventHub } from '../handle/event-hub.ts'
import { interruptedOutcome, type Outcome, outcomeOf } from '../read/outcome.ts'
import type { Outcomes } from './outcomes.ts'

/** What follows when a run ends or rests is done by these. */
export interface AfterwardsHost {
  readonly engine: Engine
  readonly hub: EventHub
  readonly outcomes: Outcomes
  /** Aborts when the runtime is closed. */
  readonly closed: AbortSignal
  /** Looks at a run that has ended here, before its outcome is told. */
  readonly afterEnd: ((runId: string) => Promise<void>) | undefined
  readonly drives: (runId: string) => boolean
  /** Takes a stored run up, one thing at a time. */
  readonly openAlone: (runId: string) => Promise<void>
  readonly cancel: (runId: string, reason: string) => Promise<void>
  /** Tells a run that is driven here that it has mail; false when it is not. */
  readonly notify: (runId: string) => boolean
  readonly logInterruption: (row: RunRow, interrupted: Interrupted, stack: string | undefined) => void
}

/**
 * Does what follows when a run that was driven here has come to its end, its rest or its stop.
 *
 * @param worked whether a worker takes up again what rests.
 * @returns undefined where the run goes on as another that is driven here.
 */
export async function afterwards(
  host: AfterwardsHost,
  row: RunRow,
  standing: Standing,
  worked: boolean,
): Promise<Outcome | undefined> {
  const { id: runId, parentId } = row
  if (standing.waiting?.kind === 'interrupted') return afterInterruption(host, row, standing, standing.waiting)
  if (!standing.ending) return worked ? outcomeOf(standing) : afterRest(host, runId, standing)
  const next = standing.ending.kind === 'completed' ? standing.ending.continuedAs : undefined
  const goesOnHere = next !== undefined && host.drives(next)
  // Who has ended has no listeners, and a parent that waited for it goes on.
  host.hub.forget(runId)
  await host
    .afterEnd?.(runId)
    .catch((error: unknown) => host.engine.log.error(`The run "${runId}" could not be looked at: ${messageOf(error)}`))
  if (parentId !== null && !host.closed.aborted) void openParent(host, parentId, worked)
  if (row.sessionId !== null && !host.closed.aborted) void openNext(host, row, row.sessionId, worked)
  if (next === undefined) return outcomeOf(standing)
  return goesOnHere ? undefined : host.outcomes.rested(next)
}

/** Nobody tries again at once; but who cancelled the run meanwhile may believe that it has heard. */
async function afterInterruption(
  host: AfterwardsHost,
  row: RunRow,
  standing: Standing,
  interrupted: Interrupted,
): Promise<Outcome> {
  if (isLetGo(interrupted.error)) return outcomeOf(standing)
  host.logInterruption(row, interrupted, standing.stack)
  const { id: runId } = row
  try {
    const cancel = (await host.engine.store.inbox(runId)).find(({ kind }) => kind === 'cancel')
    if (!cancel) return outcomeOf(standing)
    await host.cancel(runId, typeof cancel.body === 'string' ? cancel.body : '')
    return await host.outcomes.stored(runId)
  } catch (thrown) {
    host.engine.log.warn(`The run "${runId}" was cancelled, and has not ended yet: ${messageOf(thrown)}`)
    return outcomeOf(standing)
  }
}

/** A message that came when the run was just put to rest is read after all. */
async function afterRest(host: AfterwardsHost, runId: string, standing: Standing): Promise<Outcome> {
  if (host.closed.aborted || !standing.waiting) return outcomeOf(standing)
  try {
    if ((await host.engine.store.inbox(runId)).length === 0) return outcomeOf(standing)
    await host.openAlone(runId)
    return await host.outcomes.rested(runId)
  } catch (error) {
    return interruptedOutcome(recordError(error, 'interrupted'), standing.totals)
  }
}

/** The next turn of a session is begun here, or by a worker. Should this process die before, its row is looked at in time. */
async function openNext(host: AfterwardsHost, { id }: RunRow, sessionId: string, worked: boolean): Promise<void> {
  const { store, clock } = host.engine
  try {
    const [next] = await store.runs({ sessionId, after: id, limit: 1 })
    if (next?.waiting?.kind !== 'turn' || next.owner !== null) return
    if (worked) await store.send({ runId: next.id, dedupe: 'turn', kind: 'turn', body: null, at: clock.now() })
    else await host.openAlone(next.id)
  } catch (error) {
    host.engine.log.warn(
      `The turn after "${id}" was not begun, and is in half a minute by a worker: ${messageOf(error)}`,
    )
  }
}

/** A parent that is driven reads the message that its child has left; one at rest is taken up for it, or by a worker. */
async function openParent(host: AfterwardsHost, parentId: string, worked: boolean): Promise<void> {
  try {
    if (host.notify(parentId) || worked) return
    const row = await host.engine.store.run(parentId)
    if (row?.status !== 'waiting' || row.owner !== null) return
    await host.openAlone(parentId)
  } catch (error) {
    host.engine.log.warn(
      `The run "${parentId}" waits for a child that has ended, and was not taken up: ${messageOf(error)}`,
    )
  }
}
