// How a call is put before whoever is to answer it, and what becomes of the ask: answered, or over.
import type { Draft, Entry, Waiting } from '../../contracts/entry.ts'
import type { AgentPlan } from '../../define/plan.ts'
import { answerId, askId } from '../../journal/keys.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { momentAfter } from '../../values/moment.ts'
import { type ParsedCall, parseOf } from '../calls/parse-call.ts'
import { openCall } from '../state/call.ts'
import { callsOf } from '../state/calls-of.ts'
import { emptyState, fold } from '../state/fold.ts'
import type { AgentState, CallStage, CallState } from '../state/state.ts'

type Asked = Extract<CallStage, { kind: 'asked' }>

interface AskedCall extends CallState {
  readonly stage: Asked
}

/** Asks for a call to be answered. Its time is that of the run's own clock. */
export function askAnswer(
  { state, agentPlan }: { readonly state: AgentState; readonly agentPlan: AgentPlan },
  call: CallState,
  { tool, callDigest }: Extract<ParsedCall, { kind: 'tool' }>,
): Draft {
  const { name, timeoutMs, confirms } = tool
  const until = timeoutMs === undefined ? {} : { until: momentAfter(state.at, timeoutMs) }
  const about = confirms === undefined ? undefined : confirmed(state, call, agentPlan, confirms)
  const body = { name, asked: callDigest, ...until, ...(about && { of: about }) }
  return { kind: 'answer.asked', key: call.key, attempt: 1, body }
}

/** The call that a user is asked about: as it would be known if the model made it with the same arguments. */
function confirmed(
  state: AgentState,
  { call, key }: CallState,
  agentPlan: AgentPlan,
  tool: string,
): { readonly tool: string; readonly asked: string } | undefined {
  const parsed = parseOf(state, openCall({ ...call, name: tool }, key), agentPlan)
  return parsed.kind === 'tool' ? { tool, asked: parsed.callDigest } : undefined
}

/** What a call waits for that somebody is to answer. @param runId of the run, where it is known. */
export function answerWait(runId: string | undefined, key: string, tool: string, { attempt, until }: Asked): Waiting {
  return { kind: 'answer', key, id: answerId(runId, key, attempt), tool, ...(until !== null && { until }) }
}

/** Ends the asks that nobody has answered in their time. */
export function unansweredDrafts(state: AgentState, now: number): Draft[] {
  return askedCalls(state).flatMap(({ key, call: { name }, stage: { attempt, callDigest, until } }): Draft[] => {
    if (until === null || until > now) return []
    const message = `Not answered: nobody answered ${name} until ${new Date(until).toISOString()}.`
    const error = { code: 'answer_expired', message }
    return [{ kind: 'call.failed', key, attempt, body: { name, asked: callDigest, error, retryAt: null } }]
  })
}

/** A call that somebody is to answer, or has answered. */
export type AskedOf = { readonly tool: string; readonly agent: string } & (
  | { readonly kind: 'waits'; readonly key: string; readonly attempt: number }
  | { readonly kind: 'answered'; readonly by: string; readonly result: Json }
)

/**
 * Finds a call that is to be answered, by the id of its ask in its run.
 *
 * @param now in milliseconds since 1970.
 * @throws DefinitionError naming the asks that wait; when the ask's time is over.
 */
export function askedCall(runId: string, entries: readonly Entry[], id: string, now: number): AskedOf {
  const state = entries.reduce(fold, emptyState())
  const waiting = askedCalls(state)
  const found = waiting.find(({ key, stage }) => askId(key, stage.attempt) === id)
  const agent = state.holder?.card.agent ?? ''
  if (found) {
    const { key, call, stage } = found
    if (stage.until !== null && stage.until <= now) throw expired(runId, id, call.name, stage.until)
    return { kind: 'waits', key, attempt: stage.attempt, tool: call.name, agent }
  }
  const answered = entries.findLast(
    (entry) => entry.kind === 'call.returned' && entry.body.by !== undefined && askId(entry.key, entry.attempt) === id,
  )
  if (answered?.kind === 'call.returned') {
    const { name: tool, by = '', result } = answered.body
    return { kind: 'answered', tool, agent, by, result }
  }
  const open = waiting.map(({ key, call, stage }) => `${answerId(runId, key, stage.attempt)} (${call.name})`).join(', ')
  throw new DefinitionError({
    code: 'not_asked',
    message: `The run "${runId}" asks nobody for an answer at "${id}". It waits for: ${open || 'none'}.`,
    details: { runId, id },
  })
}

/** Somebody else was first. */
export function answeredBefore(runId: string, id: string, by: string): DefinitionError {
  const message = `${by} has answered "${id}" of the run "${runId}" before: the first valid answer counts, and this one does not.`
  return new DefinitionError({ code: 'answered', message, details: { runId, id, by } })
}

function expired(runId: string, id: string, tool: string, until: number): DefinitionError {
  const message = `${tool} at "${id}" of the run "${runId}" could be answered until ${new Date(until).toISOString()}. Take the run up (runtime.resume), and the model is told that nobody has.`
  return new DefinitionError({ code: 'answer_expired', message, details: { runId, id, until } })
}

function askedCalls(state: AgentState): AskedCall[] {
  return callsOf(state).filter((call): call is AskedCall => call.stage.kind === 'asked')
}
