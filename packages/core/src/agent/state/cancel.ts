import type { Draft } from '../../contracts/entry.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import type { Spent } from '../../values/spent.ts'
import { doubtDrafts } from './doubt.ts'
import type { AgentState } from './state.ts'

/**
 * Ends a run that has not ended: what was under way is in doubt first.
 *
 * @param said what the model has said of a reply that is under way.
 */
export function cancelDrafts(state: AgentState, reason: string, said = '', spent?: Spent): Draft[] {
  if (state.phase.kind === 'ended') return []
  const doubts = doubtDrafts(state, 'The run was cancelled before the result was known.')
  const body = { reason, ...(said !== '' && { text: said }), ...(spent && { spent }) }
  return [...doubts, { kind: 'run.cancelled', key: RUN_KEY, attempt: 1, body }]
}
