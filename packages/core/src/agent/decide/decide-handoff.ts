// How a run is handed over: when, with what of the conversation, and by whose words. Pure, but for what users' functions
// give, which is recorded. It keeps invariant 4: what the next agent reads stands in the entry.
import type { AskedSummary, EntryBodies } from '../../contracts/entry.ts'
import type { Handoff } from '../../define/handoff.ts'
import type { AgentPlan, Plan } from '../../define/plan.ts'
import { summaryKey } from '../../journal/keys.ts'
import { DefinitionError, messageOf } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import { type ParsedCall, parseOf } from '../calls/parse-call.ts'
import { asEdited, editedInstructions } from '../state/edits.ts'
import { conversation, held } from '../state/fold.ts'
import type { AgentState, CallState } from '../state/state.ts'
import { pendingOf } from '../state/summary.ts'
import type { Action } from './action.ts'
import { BAD_INSTRUCTIONS, renderInstructions } from './instructions.ts'
import { overBudget } from './over-budget.ts'

type HandoffCall = Extract<ParsedCall, { kind: 'handoff' }>

/** The calls of one reply, and what decides about them. */
interface Batch {
  readonly state: AgentState
  readonly calls: readonly CallState[]
  readonly agentPlan: AgentPlan
  readonly plan: Plan
}

/** Whether a call is the one by which its reply hands over: a reply makes one handoff, the first it asks for. */
export function isFirstHandoff({ state, calls, agentPlan, plan }: Batch, call: CallState, to: string): boolean {
  return plan.agents.has(to) && calls.find((other) => parseOf(state, other, agentPlan).kind === 'handoff') === call
}

/** Makes the handoff after the other calls of its reply are done. */
export function decideHandoff(batch: Batch, call: CallState, parsed: HandoffCall): Action | undefined {
  const { state, calls, plan } = batch
  const target = plan.agents.get(parsed.to)
  if (!target || !isFirstHandoff(batch, call, parsed.to)) {
    const message = 'Not made: one reply hands over once, and the first handoff counts.'
    const body = { name: call.call.name, error: { code: 'second_handoff', message }, retryAt: null }
    return { kind: 'record', draft: { kind: 'call.failed', key: call.key, attempt: 1, body } }
  }
  if (calls.some((other) => other !== call && other.stage.kind !== 'settled')) return undefined
  const over = overBudget(state, plan, 'hand over')
  if (over) return over
  const moved = movedBy(state, call, parsed)
  if (moved === 'ask') return overBudget(state, plan, 'ask') ?? askSummary(state, call, parsed)
  const { to, payload } = parsed
  const edited = editedInstructions(state.edits, to)
  const instructions = edited ?? renderInstructions(target.agent, state.context)
  const snapshot = asEdited({ card: target.card, instructions }, state.edits)
  const given = payload !== undefined && { payload }
  const body = { to, ...snapshot, told: tellOf(call, parsed), ...given, ...(moved && { moved }) }
  return { kind: 'record', draft: { kind: 'handoff.made', key: call.key, attempt: 1, body } }
}

/** What the model is told of its call: the payload only where that is another thing than what stands in the call. */
function tellOf({ call }: CallState, { to, payload }: HandoffCall): string {
  const told = `The conversation is now with ${to}.`
  if (payload === undefined || sortedJson(payload) === sortedJson(JSON.parse(call.arguments || '{}') as Json))
    return told
  return `${told} It was given ${JSON.stringify(payload)}.`
}

/** What the next agent reads; nothing where it reads all, and `ask` where a model is to be asked for it first. */
function movedBy(
  state: AgentState,
  call: CallState,
  parsed: HandoffCall,
): EntryBodies['handoff.made']['moved'] | 'ask' {
  const { moves } = parsed.handoff
  const { agent: from } = held(state).card
  const before = `${from} has handed this conversation over to you.`
  // A summary that is there counts, whatever today's code would let move.
  if (call.stage.kind === 'summarised') return summed(before, call.stage.text, parsed)
  switch (moves.kind) {
    case 'all':
      return undefined
    case 'payload':
      return { kind: 'payload', text: `${before} ${withPayload(parsed)}` }
    case 'summary':
      return summed(before, sumUp(state, from, parsed, moves.by), parsed)
    case 'asked-summary':
      return 'ask'
    default:
      return moves satisfies never
  }
}

function summed(before: string, text: string, parsed: HandoffCall): EntryBodies['handoff.made']['moved'] {
  const beside = parsed.payload === undefined ? '' : `\n\n${withPayload(parsed)}`
  return { kind: 'summary', text: `${before} In short:\n${text}${beside}` }
}

function withPayload({ payload }: HandoffCall): string {
  return `With it comes:\n${JSON.stringify(payload)}`
}

function sumUp(
  state: AgentState,
  from: string,
  { to, payload }: HandoffCall,
  by: Extract<Handoff['moves'], { kind: 'summary' }>['by'],
): string {
  let said: unknown
  try {
    said = by({ from, to, items: conversation(state).slice(), payload, context: state.context })
  } catch (cause) {
    throw badSummary(from, to, `threw: ${messageOf(cause)}`, cause)
  }
  if (typeof said === 'string') return said
  // Nobody waits for it, and a rejection must not end the process.
  if (said instanceof Promise) said.catch(() => undefined)
  throw badSummary(from, to, said instanceof Promise ? 'gave a promise' : `gave what is no text (${typeof said})`)
}

function badSummary(from: string, to: string, what: string, cause?: unknown): DefinitionError {
  return new DefinitionError({
    code: BAD_INSTRUCTIONS,
    message: `The history of the handoff from "${from}" to "${to}" ${what}. It must give text for every conversation, at once: mend it, and take the run up again.`,
    details: { agent: from, to },
    cause,
  })
}

function askSummary(state: AgentState, call: CallState, { to, handoff: { moves } }: HandoffCall): Action | undefined {
  if (moves.kind !== 'asked-summary') return undefined
  const { model = held(state).card.model, maxOutputTokens, instructions } = moves
  const summary: AskedSummary = { model, maxOutputTokens, question: instructions ?? questionFor(to) }
  const { attempt, retryAt } = call.stage.kind === 'summarising' ? call.stage : { attempt: 1, retryAt: null }
  const pending = pendingOf(call)
  return { kind: 'ask', key: summaryKey(call.key), attempt, retryAt, summary, ...(pending !== null && { pending }) }
}

function questionFor(to: string): string {
  return `The conversation goes on with "${to}", who reads nothing of it but what you write now. Sum it up for them: who wants what; what was found out, with numbers, ids, names and dates exactly as they stand here; what was done; and what is still to be done. Write plain sentences, add nothing of your own, and call nothing.`
}
