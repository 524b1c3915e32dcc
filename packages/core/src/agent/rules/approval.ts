// What becomes of the asks for calls to be allowed: answered, over, or asked anew.
import type { Draft, Entry } from '../../contracts/entry.ts'
import type { Plan } from '../../define/plan.ts'
import type { AnyTool } from '../../define/tool.ts'
import { toolDigest } from '../../journal/fingerprint.ts'
import { askId } from '../../journal/keys.ts'
import type { Digest } from '../../values/digest.ts'
import { DefinitionError } from '../../values/errors.ts'
import { askApproval, counts, sayNotAllowed } from './ask-approval.ts'
import { callsOf } from '../state/calls-of.ts'
import { emptyState, fold } from '../state/fold.ts'
import { parseOf } from '../calls/parse-call.ts'
import type { Reveal } from '../calls/reveal.ts'
import type { AgentState, CallStage, CallState } from '../state/state.ts'
import { isWritten, judgeCall, mayRun } from './verdict.ts'

interface UnapprovedCall extends CallState {
  readonly stage: Extract<CallStage, { kind: 'unapproved' }>
}

/**
 * Asks anew where the tool does or takes something else today than when it was asked for, or allowed.
 *
 * @param now in milliseconds since 1970: whoever is asked anew has the whole time once more.
 */
export function askAnewDrafts(state: AgentState, plan: Plan, now: number): Draft[] {
  const agentPlan = state.holder && plan.agents.get(state.holder.card.agent)
  if (!agentPlan) return []
  return callsOf(state).flatMap((call) => {
    const before = call.stage.kind === 'unapproved' ? call.stage : call.stage.kind === 'open' ? call.approved : null
    const parsed = parseOf(state, call, agentPlan)
    if (!before || parsed.kind !== 'tool' || before.tool === toolDigest(parsed.tool)) return []
    return [askApproval(call, parsed, now, call.asks + 1)]
  })
}

/**
 * Asks for the calls that today's code wants to be allowed and that may have run already, in the life of another process:
 * of those nobody may say that they were not executed.
 */
export function lateAskDrafts(state: AgentState, plan: Plan, reveal?: Reveal): Draft[] {
  const agentPlan = state.holder && plan.agents.get(state.holder.card.agent)
  if (!agentPlan) return []
  const calls = callsOf(state)
  return calls.flatMap((call): Draft[] => {
    const { key, stage, verdict, approved, edited } = call
    // One that somebody has changed is judged anew, and has not begun since.
    if (stage.kind !== 'open' || verdict || approved || edited) return []
    const parsed = parseOf(state, call, agentPlan)
    if (parsed.kind !== 'tool' || !mayHaveBegun(parsed.tool) || !mayRun(state, parsed.tool)) return []
    const judged = stage.judged ? undefined : judgeCall(state, calls, call, parsed, agentPlan.rules, reveal)
    if ((judged && judged.kind !== 'allowed') || !parsed.needsApproval(state.context, reveal)) return []
    const ask = askApproval({ ...call, begun: true }, parsed, state.at, 1)
    if (!judged || !isWritten(state, parsed, judged)) return [ask]
    return [{ kind: 'call.judged', key, attempt: 1, body: judged.body }, ask]
  })
}

/** The others leave an entry before they begin, or with what they have done. */
function mayHaveBegun({ effect }: AnyTool): boolean {
  return effect === 'read' || effect === 'idempotent'
}

/** Refuses the calls that nobody has allowed in their time. */
export function expiredDrafts(state: AgentState, now: number): Draft[] {
  return unapprovedCalls(state).flatMap(
    ({ key, call: { name }, begun, stage: { attempt, callDigest, until } }): Draft[] => {
      if (until === null || until > now) return []
      const told = sayNotAllowed(
        begun,
        `nobody allowed ${name} with these arguments until ${new Date(until).toISOString()}`,
      )
      return [
        {
          kind: 'approval.given',
          key,
          attempt,
          body: { name, asked: callDigest, approved: false, by: 'the clock', told },
        },
      ]
    },
  )
}

/** What somebody says of an ask. */
export interface Word {
  readonly id: string
  readonly approved: boolean
  readonly by: { readonly id: string; readonly source: string | undefined }
}

/** An ask that waits. */
export interface FoundAsk {
  readonly kind: 'waits'
  readonly key: string
  readonly attempt: number
  /** How many must allow it. */
  readonly approvers: number
  readonly call: CallState
  readonly state: AgentState
}

/**
 * Finds a call that waits to be allowed, by the id of its ask.
 *
 * @param now in milliseconds since 1970.
 * @param plan today's, where it is known.
 * @returns the ask that waits, or that the same was said of it before: with which arguments, where it was with others.
 * @throws DefinitionError naming the asks that wait, or what was said before; when the ask's time is over, or the tool has
 * changed since; when several must allow it, and nobody can know who this is.
 */
export function unapprovedCall(
  runId: string,
  entries: readonly Entry[],
  { id, approved, by }: Word,
  now: number,
  plan: Plan | undefined,
): FoundAsk | { readonly kind: 'said'; readonly by: string; readonly edited: Digest | undefined } {
  const state = entries.reduce(fold, emptyState())
  const waiting = unapprovedCalls(state)
  const found = waiting.find(({ key, stage }) => askId(key, stage.attempt) === id)
  if (!found) return saidBefore(runId, entries, waiting, id, approved)
  const { key, call, stage } = found
  const { attempt, approvers } = stage
  if (stage.until !== null && stage.until <= now) throw expired(runId, id, call.name, stage.until)
  const tool = plan && toolOf(state, plan, call.name)
  if (approved && tool && toolDigest(tool) !== stage.tool) throw changed(runId, id, call.name)
  const does = approved ? counts(stage, by) : 'counts'
  if (does === 'unauthenticated') throw unauthenticated(runId, id, call.name, stage.approvers, by)
  if (does === 'counted') return { kind: 'said', by: by.id, edited: undefined }
  return { kind: 'waits', key, attempt, approvers, call: found, state }
}

/** The state of a run in which an ask was open, the key of its call, and what was asked: of one that `unapprovedCall` has found. */
export function asksOf(
  runId: string,
  entries: readonly Entry[],
  id: string,
): { readonly state: AgentState; readonly key: string; readonly asked: Digest } {
  const at = entries.findLastIndex((entry) => entry.kind === 'approval.asked' && askId(entry.key, entry.attempt) === id)
  const ask = entries[at]
  if (ask?.kind !== 'approval.asked') throw new Error(`Nobody is asked for "${id}" of the run "${runId}"`)
  return { state: entries.slice(0, at + 1).reduce(fold, emptyState()), key: ask.key, asked: ask.body.asked }
}

function unapprovedCalls(state: AgentState): UnapprovedCall[] {
  return callsOf(state).filter((call): call is UnapprovedCall => call.stage.kind === 'unapproved')
}

function toolOf({ holder }: AgentState, plan: Plan, name: string): AnyTool | undefined {
  return holder ? plan.agents.get(holder.card.agent)?.tools.get(name) : undefined
}

function saidBefore(
  runId: string,
  entries: readonly Entry[],
  waiting: readonly UnapprovedCall[],
  id: string,
  approved: boolean,
): { readonly kind: 'said'; readonly by: string; readonly edited: Digest | undefined } {
  const said = entries.findLast((entry) => entry.kind === 'approval.given' && askId(entry.key, entry.attempt) === id)
  const body = said?.kind === 'approval.given' ? said.body : undefined
  if (body?.approved === approved) return { kind: 'said', by: body.by, edited: body.edited?.asked }
  const before = body ? ` ${body.by} has ${body.approved ? 'allowed' : 'refused'} it.` : ''
  const anew = waiting.find(({ key, stage }) => isEarlier(id, key, stage.attempt))
  const now = anew ? ` It was asked anew, under "${askId(anew.key, anew.stage.attempt)}".` : ''
  const open = waiting.map(({ key, call, stage }) => `${askId(key, stage.attempt)} (${call.name})`).join(', ')
  throw new DefinitionError({
    code: 'not_waiting',
    message: `The run "${runId}" has no call at "${id}" that waits to be allowed.${before}${now} Waiting: ${open || 'none'}.`,
    details: { runId, id },
  })
}

/** Whether an id is of an ask before that of an attempt. */
function isEarlier(id: string, key: string, attempt: number): boolean {
  return Array.from({ length: attempt - 1 }, (_, before) => askId(key, before + 1)).includes(id)
}

function expired(runId: string, id: string, tool: string, until: number): DefinitionError {
  return new DefinitionError({
    code: 'approval_expired',
    message: `${tool} at "${id}" of the run "${runId}" could be allowed or refused until ${new Date(until).toISOString()}: it counts as refused. Take the run up (runtime.resume), and the model is told so.`,
    details: { runId, id, until },
  })
}

function unauthenticated(
  runId: string,
  id: string,
  tool: string,
  approvers: number,
  { id: by, source }: Word['by'],
): DefinitionError {
  return new DefinitionError({
    code: 'not_authenticated',
    message: `${tool} at "${id}" of the run "${runId}" must be allowed by ${approvers} people, each known by an authenticated source, and ${by} is known from ${JSON.stringify(source)}. Give by: { id, source }, with the source that has authenticated them, as "oidc".`,
    details: { runId, id, by },
  })
}

function changed(runId: string, id: string, tool: string): DefinitionError {
  return new DefinitionError({
    code: 'tool_changed',
    message: `${tool} at "${id}" of the run "${runId}" was to be allowed as it was when that was asked: its effect or its arguments' schema is another today. Take the run up (runtime.resume), and it is asked anew, under another id.`,
    details: { runId, id },
  })
}
