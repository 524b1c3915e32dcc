// The summary that a model writes for a handoff: where it stands, as the entries at its key tell. Pure.
import type { EntryOf } from '../../contracts/entry.ts'
import { summarisedKey } from '../../journal/keys.ts'
import { addSpent } from '../../journal/totals.ts'
import { callAt } from './calls-of.ts'
import { countUp } from './counts.ts'
import { answerOf, phaseAfterReply } from './phase.ts'
import type { AgentState, CallStage, CallState } from './state.ts'

/** The call whose handoff a summary is written for, by the summary's key. */
export function summarisedCall(state: AgentState, key: string): CallState | undefined {
  const call = summarisedKey(key)
  return call === undefined ? undefined : callAt(state, call)
}

/** Gives the state after an entry at the key of a summary. */
export function foldSummary(
  state: AgentState,
  entry: EntryOf<'model.asked' | 'model.replied' | 'model.failed'>,
): AgentState {
  const call = summarisedCall(state, entry.key)
  if (!call) return state
  switch (entry.kind) {
    case 'model.asked': {
      const { attempt } = entry
      return withStage(state, call, { kind: 'summarising', attempt, retryAt: null, pending: entry.body.responseId })
    }
    case 'model.failed':
      return foldFailure(state, call, entry)
    case 'model.replied':
      return foldReply(state, call, entry)
    default:
      return entry satisfies never
  }
}

function foldFailure(state: AgentState, call: CallState, entry: EntryOf<'model.failed'>): AgentState {
  const { error, retryAt } = entry.body
  if (retryAt === null) return { ...state, phase: { kind: 'unanswered', error } }
  // A response that is over cannot be heard again.
  const pending = error.details?.['ended'] === true ? null : pendingOf(call)
  return withStage(state, call, { kind: 'summarising', attempt: entry.attempt + 1, retryAt, pending })
}

function foldReply(state: AgentState, call: CallState, { key, body: { reply } }: EntryOf<'model.replied'>): AgentState {
  const totals = { ...addSpent(state.totals, reply), turns: state.totals.turns + 1 }
  const counted = { ...state, totals, turnsBy: countUp(state.turnsBy, state.holder?.card.agent ?? '') }
  const after = phaseAfterReply(reply, key)
  if (after.kind === 'stopped' && after.why !== 'length') return { ...counted, phase: after }
  const text = answerOf(reply)
  return withStage(counted, call, { kind: 'summarised', text: after.kind === 'stopped' ? `${text}${CUT}` : text })
}

/** Journals are read by it: it stays as it is. */
const CUT = ' [The summary was cut off here.]'

/** The response that the service has accepted for a summary, and that was not heard to its end. */
export function pendingOf({ stage }: CallState): string | null {
  return stage.kind === 'summarising' ? stage.pending : null
}

function withStage(state: AgentState, call: CallState, stage: CallStage): AgentState {
  if (state.phase.kind !== 'calling') return state
  const calls = state.phase.calls.map((other) => (other === call ? { ...call, stage } : other))
  return { ...state, phase: { kind: 'calling', calls } }
}
