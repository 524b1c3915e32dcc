// How much of what a tool gave its model is told: resolved once, when that is recorded, and then part of the entry. perform.ts,
// the session for what people say, and the shadow runs call this. What stands in the journal is whole; what the model is told follows from it and the bound
// (agent/state/cut-text.ts).
import { tellResult } from '../../agent/state/tell-result.ts'
import { agentPlanOf } from '../../agent/decide/decide.ts'
import { callAt } from '../../agent/state/calls-of.ts'
import { held } from '../../agent/state/fold.ts'
import type { AgentState } from '../../agent/state/state.ts'
import type { Draft } from '../../contracts/entry.ts'
import type { Model } from '../../contracts/model.ts'
import type { Plan } from '../../define/plan.ts'
import type { AnyTool } from '../../define/tool.ts'
import { isWithin } from '../../values/estimate-tokens.ts'
import type { Remembered } from './memory.ts'
import type { RestingChild } from './run-child-tool.ts'
import type { Transaction } from './run-tool.ts'

/** So many results of the longest kind fill what a model reads. */
const RESULTS_IN_WINDOW = 16

/** The most tokens that a model is told of a result of a tool; Infinity where nobody says. */
export function boundOf(model: Pick<Model, 'figures'>, { maxResultTokens }: AnyTool, name: string): number {
  if (maxResultTokens !== undefined) return maxResultTokens
  const { inputTokens, contextTokens } = model.figures?.(name) ?? {}
  return Math.floor((inputTokens ?? contextTokens ?? Infinity) / RESULTS_IN_WINDOW)
}

/** What a call has come to, with its bound where that is less than what it gave. */
export function within<D extends Pick<Draft, 'kind' | 'body'>>(draft: D, tokens: number): D {
  const text = tokens === Infinity ? undefined : textOf(draft)
  if (text === undefined || isWithin(text, tokens)) return draft
  return { ...draft, body: { ...draft.body, bound: { version: 1, tokens } } }
}

/** The same of what somebody says of a call. */
export function saidWithin(model: Pick<Model, 'figures'>, state: AgentState, plan: Plan, draft: Draft): Draft {
  const name = callAt(state, draft.key)?.call.name
  const tool = name === undefined ? undefined : agentPlanOf(state, plan).tools.get(name)
  return tool ? within(draft, boundOf(model, tool, held(state).card.model)) : draft
}

/** The same of whatever a call lands as. */
export function landedWithin(
  landing: Draft | Transaction | RestingChild | Remembered | undefined,
  tokens: number,
): Draft | Transaction | RestingChild | Remembered | undefined {
  if (!landing || landing.kind === 'rests' || landing.kind === 'remembered' || tokens === Infinity) return landing
  if (landing.kind !== 'transaction') return within(landing, tokens)
  const { effect, failed } = landing
  return {
    ...landing,
    effect: (handle) => {
      const draft = effect(handle)
      return draft instanceof Promise ? draft.then((given) => within(given, tokens)) : within(draft, tokens)
    },
    failed: (error) => within(failed(error), tokens),
  }
}

function textOf({ kind, body }: Pick<Draft, 'kind' | 'body'>): string | undefined {
  if (kind === 'call.failed' && 'error' in body) return body.error.message
  return (kind === 'call.returned' || kind === 'call.resolved') && 'result' in body
    ? tellResult(body.result)
    : undefined
}
