import type { Draft, RecordedError } from '../../contracts/entry.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import type { Spent } from '../../values/spent.ts'
import { doubtDrafts } from './doubt.ts'
import type { AgentState } from './state.ts'

/** What ends a run from outside: the reason of whoever cancelled it, or that it is late. */
export type EndedBy = string | RecordedError

/**
 * Ends a run that has not ended: what was under way is in doubt first.
 *
 * @param said what the model has said of a reply that is under way.
 */
export function cancelDrafts(state: AgentState, by: EndedBy, said = '', spent?: Spent): Draft[] {
  if (state.phase.kind === 'ended') return []
  const doubts = doubtDrafts(state, 'The run was cancelled before the result was known.')
  const beside = { ...(said !== '' && { text: said }), ...(spent && { spent }) }
  return [...doubts, endDraft(by, beside)]
}

/** The entry by which a run ends that is not ended by its code. */
export function endDraft(by: EndedBy, beside: { readonly text?: string; readonly spent?: Spent } = {}): Draft {
  if (typeof by === 'string')
    return { kind: 'run.cancelled', key: RUN_KEY, attempt: 1, body: { reason: by, ...beside } }
  return { kind: 'run.failed', key: RUN_KEY, attempt: 1, body: { outcome: 'failed', error: by, ...beside } }
}
