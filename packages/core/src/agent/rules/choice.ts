// What the model may call in its next reply, and whether it must.
import type { AgentPlan } from '../../define/plan.ts'
import { held } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'
import { legalTools } from './evaluate-rules.ts'

/** The names of the tools that may be called now; undefined where that is all of them. */
export function allowedNow(state: AgentState, { rules }: AgentPlan): readonly string[] | undefined {
  if (rules.conditions.size === 0) return undefined
  const names = held(state).card.tools.map((tool) => tool.name)
  return legalTools(state, names, rules)
}

/** Which tool the next reply must call, where the agent has called none yet and rules let it; undefined where it need not. */
export function mustCall(
  state: AgentState,
  { agent: { toolChoice } }: AgentPlan,
  allowed: readonly string[] | undefined,
): 'required' | { readonly name: string } | undefined {
  if (toolChoice === 'auto' || held(state).called) return undefined
  if (toolChoice === 'required') return allowed?.length === 0 ? undefined : toolChoice
  const { name } = toolChoice
  return allowed && !allowed.includes(name) ? undefined : { name }
}
