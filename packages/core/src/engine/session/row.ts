// What a run's row says of how the run stands. Both sessions, give-up.ts and take-up.ts call this to find out whether
// the row is to change, and to what. Pure. It keeps the half of invariant 9 that is about rows: a row is written when
// its status changes, or what it waits for, and at no other time.
import { asksAboutCall } from '../../agent/state/asked-call.ts'
import type { AgentState, Ending } from '../../agent/state/state.ts'
import type { Waiting } from '../../contracts/entry.ts'
import type { RunRow, RunStatus } from '../../contracts/run.ts'
import type { RowChange } from '../../contracts/write.ts'
import type { Used } from '../../contracts/totals.ts'
import { RUN_KEY } from '../../journal/keys.ts'

/** Where a run of any kind stands. */
export interface Standing {
  readonly ending: Ending | null
  /** Why it rests; null where it goes on or has ended. */
  readonly waiting: Waiting | null
  /** All that it waits for. @default what `waiting` says */
  readonly waits?: readonly Waiting[]
  readonly totals: Used
  /** When whoever finds it without an owner is to look at it at the latest, in milliseconds since 1970. @default when what it waits for ends */
  readonly lookAt?: number
  /** Of what interrupted it, for the log alone. */
  readonly stack?: string
}

/** Where an agent run stands. */
export function standingOf({ phase, waiting, totals }: AgentState): Standing {
  return { ending: phase.kind === 'ended' ? phase.ending : null, waiting, totals }
}

/** The status that a run's row shows. */
export function statusOf({ ending, waiting }: Standing): RunStatus {
  if (!ending) return waiting?.kind === 'quarantined' ? 'quarantined' : waiting ? 'waiting' : 'running'
  return ending.kind === 'completed' || ending.kind === 'cancelled' ? ending.kind : 'failed'
}

/** How a run stands that rests for all of these: what ends soonest first, after what keeps it from being brought further. */
export function restingFor(standing: Standing, waits: readonly Waiting[]): Standing {
  const inOrder = waits.toSorted((one, other) => endOf(one) - endOf(other))
  const [first] = inOrder
  if (!first) return standing
  const interrupted = inOrder.find((wait) => wait.kind === 'interrupted')
  if (!interrupted) return { ...standing, waiting: first, waits: inOrder }
  // It is looked at again for the others too.
  const waiting = { ...interrupted, until: Math.min(...inOrder.map(endOf)) }
  return { ...standing, waiting, waits: [waiting, ...inOrder.filter((wait) => wait !== interrupted)] }
}

function endOf(waiting: Waiting): number {
  return ('until' in waiting ? waiting.until : undefined) ?? Number.MAX_VALUE
}

/** Whether a run's row shows something else than how the run stands. */
export function isShownOtherwise(shown: Pick<RunRow, 'status' | 'waiting' | 'waits'>, standing: Standing): boolean {
  const { waiting, waits } = standing
  // An interruption is another one each time.
  if (waiting?.kind === 'interrupted' || shown.status !== statusOf(standing)) return true
  if (waiting && waits) return JSON.stringify(shown.waits) !== JSON.stringify(waits.map(stored))
  return shown.waiting?.kind !== waiting?.kind || shown.waiting?.key !== waiting?.key
}

/** What a change of status writes. */
export function rowOf(standing: Standing, now: number): RowChange {
  const { ending, totals } = standing
  const waiting = standing.waiting && stored(standing.waiting)
  const waits = waiting ? (standing.waits?.map(stored) ?? [waiting]) : []
  const { lookAt = Number.MAX_VALUE } = standing
  const soonest = Math.min(...waits.map(endOf), ...(waiting ? [endOf(waiting), lookAt] : []))
  // A journal of before may have a part of a millisecond.
  const wakeAt = soonest < Number.MAX_VALUE ? Math.ceil(soonest) : null
  return { status: statusOf(standing), waiting, waits, wakeAt, endedAt: ending ? now : null, totals }
}

/** How long a turn of a session waits before somebody looks whether it may begin, where nobody has told. In milliseconds. */
export const TURN_LOOK_MS = 30_000

/** How a turn of a session stands whose turn has not come. */
export function waitingFor(runId: string, now: number, totals: Used): RowChange {
  const change = rowOf({ ending: null, waiting: { kind: 'turn', key: RUN_KEY, runId }, totals }, now)
  return { ...change, wakeAt: now + TURN_LOOK_MS }
}

/** A row is not in confidence, and what a model gave to a tool may be. */
function stored(waiting: Waiting): Waiting {
  if (!asksAboutCall(waiting)) return waiting
  const { arguments: _, ...rest } = waiting
  return rest
}
