// Whether an answer comes before rules let the run end.
import type { AgentPlan } from '../../define/plan.ts'
import { often } from '../../define/rule-words.ts'
import { timesOf } from '../state/counts.ts'
import type { AgentState } from '../state/state.ts'
import { allowedNow, mustCall } from './choice.ts'

/** Why an answer may not end the run: what the model is told. */
export interface Early {
  /** The kind of the rule, or `tool-choice`. */
  readonly rule: string
  readonly why: string
}

/** Tells what is to be called before the run may end; undefined where nothing is. */
export function tooEarly(state: AgentState, agentPlan: AgentPlan): Early | undefined {
  const must = mustCall(state, agentPlan, allowedNow(state, agentPlan))
  if (must !== undefined) {
    const what = must === 'required' ? 'a tool' : must.name
    return { rule: 'tool-choice', why: `Call ${what} before you answer.` }
  }
  const missing = agentPlan.rules.atEnd.filter(({ tool, times }) => timesOf(state.returned, tool) < times)
  if (missing.length === 0) return undefined
  const each = missing.map(({ tool, times }) => {
    const so = timesOf(state.returned, tool)
    const far = so === 0 ? 'has not' : `has only ${often(so)}`
    return `Call ${tool} first: it must have succeeded at least ${often(times)} in this conversation, and ${far}.`
  })
  return { rule: 'at-least', why: each.join('\n') }
}
