// What is asked of the calls of a run's current reply beside what follows from them. Pure.
import type { Draft } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import type { Beside } from './action.ts'
import { agentPlanOf, decide } from './decide.ts'
import { callsOf } from '../state/calls-of.ts'
import { parseOf } from '../calls/parse-call.ts'
import type { Remark } from '../calls/remark.ts'
import type { AgentState } from '../state/state.ts'

/** What is odd of the tool of a call. */
export function remarksOf(state: AgentState, plan: Plan, key: string): readonly Remark[] {
  const call = callsOf(state).find((other) => other.key === key)
  const parsed = call && parseOf(state, call, agentPlanOf(state, plan))
  return parsed?.kind === 'tool' ? parsed.remarks() : []
}

/** What a tool says of a call in doubt is void when somebody else has said it meanwhile. */
export function isAwaited(state: AgentState, plan: Plan, beside: Beside, { kind, key, attempt }: Draft): boolean {
  if (kind !== 'call.resolved' && kind !== 'call.doubted') return true
  return decide(state, plan, beside).some(
    (action) => 'key' in action && action.key === key && action.attempt === attempt,
  )
}

/** The keys of the calls of agents whose runs may not have ended. */
export function openChildren(state: AgentState, plan: Plan): readonly string[] {
  const tools = state.holder && plan.agents.get(state.holder.card.agent)?.tools
  return callsOf(state).flatMap(({ key, call, stage }) =>
    stage.kind === 'open' && tools?.get(call.name)?.child ? key : [],
  )
}
