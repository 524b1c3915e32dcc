// Calls that may or may not have happened: how they come to be in doubt, and who settles them.
import type { Draft, Entry } from '../contracts/entry.ts'
import type { Plan } from '../define/plan.ts'
import { RUN_KEY } from '../journal/keys.ts'
import { DefinitionError } from '../words/errors.ts'
import type { Json } from '../words/json.ts'
import { emptyState, fold } from './fold.ts'
import type { AgentState, CallState } from './state.ts'

/** Puts the calls in doubt whose intent is written and whose result is not. */
export function doubtDrafts(state: AgentState, reason: string): Draft[] {
  return callsOf(state).flatMap(({ key, call, stage }): Draft[] =>
    stage.kind === 'intended'
      ? [{ kind: 'call.doubted', key, attempt: stage.attempt, body: { name: call.name, reason, asked: false } }]
      : [],
  )
}

/** Lets the tools be asked again that did not know before whether their calls happened. */
export function askAgainDrafts(state: AgentState, plan: Plan, reason: string): Draft[] {
  const tools = state.holder && plan.posts.get(state.holder.card.agent)?.tools
  return callsOf(state).flatMap(({ key, call, stage }): Draft[] =>
    stage.kind === 'doubted' && stage.asked && tools?.get(call.name)?.reconcile
      ? [{ kind: 'call.doubted', key, attempt: stage.attempt, body: { name: call.name, reason, asked: false } }]
      : [],
  )
}

/**
 * Ends a run that has not ended: what was under way is in doubt first.
 *
 * @param said what the model has said of a reply that is under way.
 */
export function cancelDrafts(state: AgentState, reason: string, said = ''): Draft[] {
  if (state.phase.kind === 'ended') return []
  const doubts = doubtDrafts(state, 'The run was cancelled before the result was known.')
  const body = said === '' ? { reason } : { reason, text: said }
  return [...doubts, { kind: 'run.cancelled', key: RUN_KEY, attempt: 1, body }]
}

/** What somebody says of a call in doubt. */
export type Resolution = { readonly happened: true; readonly result: Json } | { readonly happened: false }

/**
 * Finds a call in doubt by its key.
 *
 * @returns the attempt that is in doubt, or that the same was said of it before.
 * @throws DefinitionError naming the calls that are in doubt, or what was said before.
 */
export function doubtedCall(
  runId: string,
  entries: readonly Entry[],
  key: string,
  resolution: Resolution,
): { readonly kind: 'doubted'; readonly attempt: number } | { readonly kind: 'said' } {
  const doubted = callsOf(entries.reduce(fold, emptyState())).filter(({ stage }) => stage.kind === 'doubted')
  const call = doubted.find((candidate) => candidate.key === key)
  if (call?.stage.kind === 'doubted') return { kind: 'doubted', attempt: call.stage.attempt }
  const said = entries.findLast((entry) => entry.kind === 'call.resolved' && entry.key === key)
  if (said?.kind === 'call.resolved' && says(said.body, resolution)) return { kind: 'said' }
  const open = doubted.map((candidate) => `${candidate.key} (${candidate.call.name})`).join(', ')
  const before =
    said?.kind === 'call.resolved'
      ? ` ${said.body.by} has said that it ${said.body.happened ? 'happened' : 'did not happen'}.`
      : ''
  throw new DefinitionError({
    code: 'not_in_doubt',
    message: `The run "${runId}" has no call in doubt at "${key}".${before} In doubt: ${open || 'none'}.`,
    details: { runId, key },
  })
}

/** Tells whether two words on a call agree. */
export function says(said: { readonly happened: boolean; readonly result: Json }, resolution: Resolution): boolean {
  const result = resolution.happened ? resolution.result : null
  return said.happened === resolution.happened && JSON.stringify(said.result) === JSON.stringify(result)
}

/** The calls of the current reply. */
export function callsOf({ phase }: AgentState): readonly CallState[] {
  return phase.kind === 'calling' ? phase.calls : []
}
