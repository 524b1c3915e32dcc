// Holds the handoffs of a journal against today's code: that one is made, to whom and with what, is the way that a run goes;
// what of the conversation moves along is text (invariant 5), and holds as it is recorded.
import type { Entry, EntryOf } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { parseOf } from '../calls/parse-call.ts'
import { agentPlanOf } from '../decide/decide.ts'
import { isFirstHandoff } from '../decide/decide-handoff.ts'
import { overBudget } from '../decide/over-budget.ts'
import { callAt, callsOf } from '../state/calls-of.ts'
import { held } from '../state/fold.ts'
import type { AgentState, CallState } from '../state/state.ts'
import { summarisedCall } from '../state/summary.ts'
import { isAskedSo } from './agrees.ts'
import type { TextDifference } from './text-differences.ts'

/** Whether an entry makes a handoff that today's code makes too, or is of its summary, whatever moves along today. */
export function isHandedOver(state: AgentState, entry: Entry, plan: Plan): boolean {
  if (entry.kind === 'handoff.made') {
    if (entry.attempt !== 1) return false
    const { to, payload } = entry.body
    return handsOver(state, callAt(state, entry.key), plan, (today) => {
      if (today.to !== to) return false
      return payload === undefined || today.payload === undefined || sortedJson(payload) === sortedJson(today.payload)
    })
  }
  if (entry.kind !== 'model.replied' && entry.kind !== 'model.failed' && entry.kind !== 'model.asked') return false
  const call = summarisedCall(state, entry.key)
  const attempt = call?.stage.kind === 'summarising' ? call.stage.attempt : 1
  if (entry.attempt !== attempt || call?.stage.kind === 'summarised') return false
  return handsOver(state, call, plan, () => entry.kind !== 'model.replied' || isAskedSo(state, entry))
}

interface Today {
  readonly to: string
  readonly payload: EntryOf<'handoff.made'>['body']['payload']
}

function handsOver(
  state: AgentState,
  call: CallState | undefined,
  plan: Plan,
  fits: (today: Today) => boolean,
): boolean {
  if (!call || overBudget(state, plan, 'hand over')) return false
  const calls = callsOf(state)
  if (calls.some((other) => other !== call && other.stage.kind !== 'settled')) return false
  const agentPlan = agentPlanOf(state, plan)
  const parsed = parseOf(state, call, agentPlan)
  if (parsed.kind !== 'handoff' || !isFirstHandoff({ state, calls, agentPlan, plan }, call, parsed.to)) return false
  return fits(parsed)
}

/** Names that another part of the conversation would move today. */
export function movesOtherwise(before: AgentState, entry: EntryOf<'handoff.made'>, plan: Plan): TextDifference[] {
  const { agent } = held(before).card
  const name = callAt(before, entry.key)?.call.name ?? ''
  const way = plan.agents.get(agent)?.ways.get(name)
  const recorded = entry.body.moved?.kind ?? 'all'
  const today = way?.moves.kind === 'asked-summary' ? 'summary' : (way?.moves.kind ?? recorded)
  if (recorded === today) return []
  const say = JSON.stringify
  return [{ seq: entry.seq, agent, field: `history of ${name}`, recorded: say(recorded), today: say(today) }]
}
