// Calls that may or may not have happened: how they come to be in doubt, and who settles them.
import type { Draft, Entry, Waiting } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import { askId } from '../../journal/keys.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { callsOf } from './calls-of.ts'
import { emptyState, fold } from './fold.ts'
import type { AgentState, CallStage } from './state.ts'

/** Tells who may still be running the call at a key, whoever had begun it; undefined where nobody is known to. */
export type RunnerOf = (key: string, owner?: string | null) => string | undefined

/**
 * Puts the calls in doubt whose intent is written and whose result is not. Of one that still runs somewhere, its tool is
 * not asked: it would say that the call did not happen, and it happens after all.
 */
export function doubtDrafts(state: AgentState, reason: string, runnerOf: RunnerOf = () => undefined): Draft[] {
  return callsOf(state).flatMap(({ key, call, stage }): Draft[] => {
    if (stage.kind !== 'intended') return []
    const running = runnerOf(key, stage.owner)
    const body = { name: call.name, reason, asked: running !== undefined, ...(running !== undefined && { running }) }
    return [{ kind: 'call.doubted', key, attempt: stage.attempt, body }]
  })
}

/** Lets the tools be asked again that did not know before whether their calls happened, where those are over. */
export function askAgainDrafts(
  state: AgentState,
  plan: Plan,
  reason: string,
  runnerOf: RunnerOf = () => undefined,
): Draft[] {
  const tools = state.holder && plan.agents.get(state.holder.card.agent)?.tools
  return callsOf(state).flatMap(({ key, call, stage }): Draft[] =>
    stage.kind === 'doubted' &&
    stage.asked &&
    tools?.get(call.name)?.reconcile &&
    runnerOf(key, stage.running) === undefined
      ? [{ kind: 'call.doubted', key, attempt: stage.attempt, body: { name: call.name, reason, asked: false } }]
      : [],
  )
}

/** What somebody says of a call in doubt. */
export type Resolution = { readonly happened: true; readonly result: Json } | { readonly happened: false }

/** What a call in doubt waits for. Two doubts of one attempt are one. */
export function doubtWait(key: string, tool: string, { attempt }: Extract<CallStage, { kind: 'doubted' }>): Waiting {
  return { kind: 'in-doubt', key, id: askId(key, attempt), tool }
}

/**
 * Finds a call in doubt by the id of its doubt.
 *
 * @returns the call and the attempt that are in doubt, or that the same was said of that attempt before.
 * @throws DefinitionError naming what is in doubt, or what was said before.
 */
export function doubtedCall(
  runId: string,
  entries: readonly Entry[],
  id: string,
  resolution: Resolution,
): { readonly kind: 'doubted'; readonly key: string; readonly attempt: number } | { readonly kind: 'said' } {
  const doubted = callsOf(entries.reduce(fold, emptyState())).flatMap(({ key, call, stage }) =>
    stage.kind === 'doubted' ? { key, name: call.name, attempt: stage.attempt, id: askId(key, stage.attempt) } : [],
  )
  const found = doubted.find((doubt) => doubt.id === id)
  if (found) return { kind: 'doubted', key: found.key, attempt: found.attempt }
  const said = entries.findLast(({ kind, key, attempt }) => kind === 'call.resolved' && askId(key, attempt) === id)
  if (said?.kind === 'call.resolved' && says(said.body, resolution)) return { kind: 'said' }
  const open = doubted.map((doubt) => `${doubt.id} (${doubt.name})`).join(', ')
  const before =
    said?.kind === 'call.resolved'
      ? ` ${said.body.by} has said that it ${said.body.happened ? 'happened' : 'did not happen'}.`
      : ''
  throw new DefinitionError({
    code: 'not_in_doubt',
    message: `The run "${runId}" has no call in doubt at "${id}".${before} In doubt: ${open || 'none'}.`,
    details: { runId, id },
  })
}

/** Tells whether two words on a call agree. */
export function says(said: { readonly happened: boolean; readonly result: Json }, resolution: Resolution): boolean {
  const result = resolution.happened ? resolution.result : null
  return said.happened === resolution.happened && JSON.stringify(said.result) === JSON.stringify(result)
}
