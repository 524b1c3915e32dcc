import type { AgentState } from '../agent/state.ts'
import type { RunStatus } from '../contracts/run.ts'
import type { RowChange } from '../contracts/store.ts'

/** The status that a run's row shows for a state. */
export function statusOf({ phase, waiting }: AgentState): RunStatus {
  if (phase.kind !== 'ended') return waiting ? 'waiting' : 'running'
  const { kind } = phase.ending
  return kind === 'completed' || kind === 'cancelled' ? kind : 'failed'
}

/** What a change of status writes. */
export function rowOf(state: AgentState, now: number): RowChange {
  return {
    status: statusOf(state),
    waiting: state.waiting,
    endedAt: state.phase.kind === 'ended' ? now : null,
    totals: state.totals,
  }
}
