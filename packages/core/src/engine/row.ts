import type { AgentState, Ending } from '../agent/state.ts'
import type { Waiting } from '../contracts/entry.ts'
import type { RunRow, RunStatus } from '../contracts/run.ts'
import type { RowChange } from '../contracts/store.ts'
import type { Totals } from '../contracts/totals.ts'

/** Where a run of any kind stands. */
export interface Standing {
  readonly ending: Ending | null
  /** Why it rests; null where it goes on or has ended. */
  readonly waiting: Waiting | null
  /** All that it waits for. @default what `waiting` says */
  readonly waits?: readonly Waiting[]
  readonly totals: Totals
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

/** Whether a run's row shows something else than how the run stands. */
export function isShownOtherwise(shown: Pick<RunRow, 'status' | 'waiting'>, standing: Standing): boolean {
  const { waiting } = standing
  return (
    // It is another one each time.
    waiting?.kind === 'interrupted' ||
    shown.status !== statusOf(standing) ||
    shown.waiting?.kind !== waiting?.kind ||
    shown.waiting?.key !== waiting?.key
  )
}

/** What a change of status writes. */
export function rowOf(standing: Standing, now: number): RowChange {
  const { ending, waiting, waits = waiting ? [waiting] : [], totals } = standing
  const until = waiting && 'until' in waiting ? waiting.until : undefined
  // A journal of before may have a part of a millisecond.
  const wakeAt = until === undefined ? null : Math.ceil(until)
  return { status: statusOf(standing), waiting, waits, wakeAt, endedAt: ending ? now : null, totals }
}
