// What a run does next. Pure: the same state and plan give the same actions, live, on resume and in replay.
import type { ChildEnding, EntryBodies, RecordedError, Waiting } from '../../contracts/entry.ts'
import type { Plan, AgentPlan } from '../../define/plan.ts'
import { compactionKey, memoryKey, RUN_KEY, turnKey } from '../../journal/keys.ts'
import { DivergenceError } from '../../values/errors.ts'
import { proposalOf } from '../compact/propose.ts'
import type { Action, Beside } from './action.ts'
import { decideAnswer } from './decide-answer.ts'
import { callWaits, decideCalls } from './decide-calls.ts'
import { overBudget } from './over-budget.ts'
import { held } from '../state/fold.ts'
import { allowedNow, mustCall } from '../rules/choice.ts'
import type { AgentState } from '../state/state.ts'

/**
 * Gives the next actions, independent of each other. None where a run has ended, has not begun, or only awaits
 * what is under way.
 *
 * @throws DivergenceError when today's code has no agent of the holder's name.
 */
export function decide(state: AgentState, plan: Plan, beside: Beside = {}): readonly Action[] {
  const { phase } = state
  switch (phase.kind) {
    case 'new':
    case 'ended':
      return []
    case 'asking':
      return decideAsk(state, plan, phase, beside)
    case 'heard':
      return [endAs(phase.ending)]
    case 'unanswered':
      return [fail({ outcome: 'failed', error: phase.error })]
    case 'calling':
      return decideCalls({ state, calls: phase.calls, agentPlan: agentPlanOf(state, plan), plan, beside })
    case 'answered':
      return [decideAnswer(state, plan, phase.text)]
    case 'stopped':
      return [fail({ outcome: phase.outcome, error: stopError(phase), text: phase.text })]
    default:
      return phase satisfies never
  }
}

/** The error of a run that ends since its model would not, or could not, say it all. */
export function stopError({ why, word }: Extract<AgentState['phase'], { kind: 'stopped' }>): RecordedError {
  if (why !== 'other') return { code: why, message: STOPPED[why] }
  const message = `The service ended the reply by "${String(word)}", a reason that is not known here: it may lack its end. What was said stands in \`text\`.`
  return { code: 'unknown_finish', message, ...(word && { details: { word } }) }
}

/** All that a run waits for by its calls, whatever else it is to do. Throws what `decide` throws. */
export function waitsOf(state: AgentState, plan: Plan, beside: Beside): readonly Waiting[] {
  const { phase } = state
  return phase.kind === 'calling'
    ? callWaits({ state, calls: phase.calls, agentPlan: agentPlanOf(state, plan), plan, beside })
    : []
}

const STOPPED = {
  refusal: 'The model refused to answer. Its words stand in `text`.',
  length:
    'The reply was longer than maxOutputTokens, or than what the model has room for. Raise it, give the model less, or ask for less; what was said stands in `text`.',
  'content-filter': 'The service cut the reply off by its content filter. What was said stands in `text`.',
}

/**
 * The plan of the agent that holds the run, in today's plan.
 *
 * @throws DivergenceError when there is none.
 */
export function agentPlanOf(state: AgentState, plan: Plan): AgentPlan {
  const { agent } = held(state).card
  const agentPlan = plan.agents.get(agent)
  if (agentPlan) return agentPlan
  throw new DivergenceError({
    code: 'agent_gone',
    message: `The run is with the agent "${agent}", which ${plan.ref.kind} "${plan.ref.name}" does not have any more. It has: ${[...plan.agents.keys()].join(', ')}. Put the agent back, give createRuntime the version that has it beside today's, or fork the run from before the handoff.`,
    details: { agent },
  })
}

/** A turn whose words were heard by the one before ends as that did. */
function endAs(ending: ChildEnding): Action {
  const place = { key: RUN_KEY, attempt: 1 } as const
  if (ending.kind === 'completed')
    return { kind: 'record', draft: { kind: 'run.completed', ...place, body: { output: ending.output } } }
  if (ending.kind === 'cancelled')
    return { kind: 'record', draft: { kind: 'run.cancelled', ...place, body: { reason: ending.reason } } }
  return fail({ outcome: ending.kind, error: ending.error })
}

function fail(body: EntryBodies['run.failed']): Action {
  return { kind: 'record', draft: { kind: 'run.failed', key: RUN_KEY, attempt: 1, body } }
}

function decideAsk(
  state: AgentState,
  plan: Plan,
  phase: Extract<AgentState['phase'], { kind: 'asking' }>,
  beside: Beside,
): Action[] {
  const over = overBudget(state, plan, 'ask')
  if (over) return [over]
  const reads = unread(state)
  return reads.length > 0 ? reads : [compact(state, plan, phase, beside) ?? ask(state, plan, phase)]
}

/** By what is recorded of the holder: a run that has begun without a memory goes on without it. */
function unread(state: AgentState): Action[] {
  const { card, ordinal } = held(state)
  const left = (card.memory ?? []).filter(({ name }) => !state.memoriesRead.includes(name))
  return left.map((memory) => ({ kind: 'read-memory', key: memoryKey(ordinal, memory.name), attempt: 1, memory }))
}

/** A response that goes on without a listener is heard first: it is of this very conversation. */
function compact(
  state: AgentState,
  plan: Plan,
  { pending }: Extract<AgentState['phase'], { kind: 'asking' }>,
  { figures }: Beside,
): Action | undefined {
  if (!figures || pending !== null) return undefined
  const proposal = proposalOf(state, plan, agentPlanOf(state, plan), figures)
  if (!proposal || !state.compacting) return undefined
  const { ordinal, turn } = held(state)
  const key = compactionKey(ordinal, turn)
  if (proposal.kind === 'ready')
    return { kind: 'record', draft: { kind: 'history.compacted', key, attempt: 1, body: proposal.body } }
  const { attempt, retryAt } = state.compacting
  return { kind: 'compact', key, attempt, retryAt, sum: proposal.sum }
}

function ask(state: AgentState, plan: Plan, { attempt, retryAt }: { attempt: number; retryAt: number | null }): Action {
  const holder = held(state)
  const agentPlan = agentPlanOf(state, plan)
  const allowedTools = allowedNow(state, agentPlan)
  const toolChoice = mustCall(state, agentPlan, allowedTools)
  return {
    kind: 'ask',
    key: turnKey(holder.ordinal, holder.turn),
    attempt,
    retryAt,
    ...(allowedTools && { allowedTools }),
    ...(toolChoice && { toolChoice }),
  }
}
