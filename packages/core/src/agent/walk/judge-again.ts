// Holds the verdicts of a journal against today's rules, and says what holds as it is recorded (invariant 6).
import type { Entry } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import { parseOf } from '../calls/parse-call.ts'
import { agentPlanOf } from '../decide/decide.ts'
import { judgeCall } from '../rules/verdict.ts'
import { isOfCall, verdictAfter } from '../state/call.ts'
import { callAt, callsOf } from '../state/calls-of.ts'
import { held } from '../state/fold.ts'
import type { AgentState, CallState, CallVerdict } from '../state/state.ts'
import type { TextDifference } from './text-differences.ts'

/** What is taken as it is recorded: the verdict that an entry says, and that the run rests where its calls wait. */
export interface Holds {
  readonly verdict: boolean
  readonly rest: boolean
}

/** The call that an entry says the verdict of, or that it can only follow from one. */
export function judgedBy(state: AgentState, entry: Entry): CallState | undefined {
  if (state.format === 1) return undefined
  const call = callAt(state, entry.key)
  if (call?.stage.kind !== 'open' || call.stage.judged) return undefined
  return entry.kind === 'call.judged' || verdictSaid(call, entry) ? call : undefined
}

function verdictSaid(call: CallState, entry: Entry): CallVerdict | null {
  return isOfCall(entry) ? verdictAfter(call, entry) : null
}

/** The state in which a call has the verdict that its entry follows from. */
export function presume(state: AgentState, call: CallState, entry: Entry): AgentState {
  const verdict = verdictSaid(call, entry)
  if (!verdict || entry.kind === 'call.judged' || state.phase.kind !== 'calling' || call.stage.kind !== 'open')
    return state
  const judged = { ...call, verdict, stage: { ...call.stage, judged: true } }
  const calls = state.phase.calls.map((other) => (other === call ? judged : other))
  return { ...state, phase: { ...state.phase, calls } }
}

/**
 * Judges a call over what is recorded before an entry that says its verdict, or follows from it.
 *
 * @returns that the rules say otherwise today, or what whoever must allow it is today.
 */
export function judgeAgain(
  state: AgentState,
  call: CallState,
  entry: Entry,
  plan: Plan,
): 'alike' | 'otherwise' | TextDifference {
  const verdict = verdictSaid(call, entry)
  const agent = held(state).card.agent
  const agentPlan = plan.agents.get(agent)
  const parsed = agentPlan && parseOf(state, { ...call, verdict }, agentPlan)
  if (!agentPlan || parsed?.kind !== 'tool') return 'alike'
  const judged = judgeCall(state, callsOf(state), call, parsed, agentPlan.rules)
  if (judged.kind !== (verdict ? 'allowed' : 'refused')) return 'otherwise'
  const needed = judged.kind === 'allowed' && judged.body.approval === true
  if (!verdict || verdict.approval === needed) return 'alike'
  const say = (approval: boolean): string => JSON.stringify(approval ? 'needed' : 'not needed')
  const field = `approval of ${call.call.name}`
  return { seq: entry.seq, agent, field, recorded: say(verdict.approval), today: say(needed) }
}

/** What is recorded holds, whatever today's code would say. */
export function isHeld(state: AgentState, entry: Entry, plan: Plan, holds: Holds): boolean {
  if (entry.kind === 'output.judged')
    return holds.rest && entry.body.rule !== undefined && state.phase.kind === 'answered'
  if (entry.kind === 'run.waiting') return holds.rest && waitsFor(state, entry.body.waiting.key)
  if (entry.kind !== 'call.judged' || !holds.verdict) return false
  const call = judgedBy(state, entry)
  if (!call) return false
  const { allowed, asked, input } = entry.body
  const parsed = parseOf(state, { ...call, verdict: verdictAfter(call, entry) }, agentPlanOf(state, plan))
  return parsed.kind === 'tool' && (!allowed || input !== undefined || parsed.callDigest === asked)
}

function waitsFor(state: AgentState, key: string): boolean {
  const kind = callAt(state, key)?.stage.kind
  return kind === 'unapproved' || kind === 'asked' || kind === 'doubted'
}
