// Takes a journal up again under today's code: the state it comes to, the first place where today's code would have
// gone another way, and the texts that have changed (invariant 5). Pure; resume and replay stand on it.
import type { Draft, Entry, EntryBodies, EntryKind, Holding } from '../../contracts/entry.ts'
import type { CallItem } from '../../contracts/item.ts'
import type { AgentCard } from '../../contracts/model.ts'
import type { AnyAgent } from '../../define/agent.ts'
import type { Plan } from '../../define/plan.ts'
import { handoffName } from '../../define/team.ts'
import type { Divergence } from '../../journal/divergence.ts'
import { askDigest, sayInput } from '../../journal/fingerprint.ts'
import { RUN_KEY } from '../../journal/keys.ts'
import { DivergenceError, messageOf, RepriseError } from '../../words/errors.ts'
import { sortedJson } from '../../words/sorted-json.ts'
import type { Action } from '../decide/action.ts'
import { decide, postOf } from '../decide/decide.ts'
import { callsOf } from '../state/doubt.ts'
import { isOfCall, verdictAfter } from '../state/call.ts'
import { emptyState, fold, held } from '../state/fold.ts'
import { BAD_INSTRUCTIONS, renderInstructions } from '../decide/instructions.ts'
import { parseOf } from '../calls/parse-call.ts'
import type { AgentState, CallState, CallVerdict } from '../state/state.ts'
import { judgeCall } from '../rules/verdict.ts'

/**
 * A text, or the verdict of an approval, that was recorded and is another today. A run goes on with the recorded one; with a
 * text unless it adopts.
 */
export interface TextDifference {
  readonly seq: number
  readonly agent: string
  /**
   * `instructions`, whose words the two sides are; `entry`, whom the run begins with; or a field of the agent's card, or
   * `approval of` a tool: JSON, or `absent`.
   */
  readonly field: string
  readonly recorded: string
  readonly today: string
}

/** What a walk through a journal found. */
export interface Walk {
  /** After the last entry that agrees. */
  readonly state: AgentState
  readonly divergence: Divergence | null
  readonly differences: readonly TextDifference[]
}

/**
 * Walks through a journal from its beginning.
 *
 * @param verdicts whether calls are judged again, each over what was recorded before it, and rules that say otherwise part
 * the ways; or the verdicts hold as they are recorded (invariant 6).
 */
export function walk(
  entries: readonly Entry[],
  plan: Plan,
  verdicts: 'judged again' | 'as recorded' = 'judged again',
): Walk {
  const differences: TextDifference[] = []
  let state = emptyState()
  for (const entry of entries) {
    const judged = judgedBy(state, entry)
    const again = judged && verdicts === 'judged again' ? judgeAgain(state, judged, entry, plan) : 'alike'
    if (typeof again === 'object') differences.push(again)
    const holds = { verdict: again !== 'otherwise', rest: verdicts === 'as recorded' }
    const divergence = diverges(judged && holds.verdict ? presume(state, judged, entry) : state, entry, plan, holds)
    if (divergence) return { state, divergence, differences }
    state = fold(state, entry)
    if ('card' in entry.body) differences.push(...textDifferences(entry.seq, entry.body, state, plan))
    if (entry.kind === 'run.started' && held(state).card.agent !== plan.entry)
      differences.push(beginsOtherwise(entry, state, plan))
  }
  return { state, divergence: null, differences }
}

/** A run goes on with whom it has begun with, as long as today's code has that agent. */
function beginsOtherwise({ seq }: Entry, state: AgentState, { entry }: Plan): TextDifference {
  const { agent } = held(state).card
  return { seq, agent, field: 'entry', recorded: agent, today: entry }
}

/** What is taken as it is recorded: the verdict that an entry says, and that the run rests where its calls wait. */
interface Holds {
  readonly verdict: boolean
  readonly rest: boolean
}

function diverges(state: AgentState, entry: Entry, plan: Plan, holds: Holds): Divergence | undefined {
  try {
    const actions = decide(state, plan)
    const agree = agrees(state, entry, actions) || isHeld(state, entry, plan, holds)
    if ((isOfItsPlace(state, entry) && agree) || restsForChild(state, entry, plan)) return undefined
    const here = actions.filter((action) => keyOf(action) === entry.key)
    const today = (here.length > 0 ? here : actions).map((action) => describeAction(action, state, plan))
    return { ...place(state, entry), today: today.join('; ') || 'nothing' }
  } catch (error) {
    if (!isOtherWay(error)) throw error
    return { ...place(state, entry), today: error.message }
  }
}

/** Instructions that throw when a run is handed over are no way that today's code goes. */
function isOtherWay(error: unknown): error is RepriseError {
  return RepriseError.is(error) && (error instanceof DivergenceError || error.code === BAD_INSTRUCTIONS)
}

/** The call that an entry says the verdict of, or that it can only follow from one. */
function judgedBy(state: AgentState, entry: Entry): CallState | undefined {
  if (state.format === 1) return undefined
  const call = callsOf(state).find(({ key }) => key === entry.key)
  if (call?.stage.kind !== 'open' || call.stage.judged) return undefined
  return entry.kind === 'call.judged' || verdictSaid(call, entry) ? call : undefined
}

function verdictSaid(call: CallState, entry: Entry): CallVerdict | null {
  return isOfCall(entry) ? verdictAfter(call, entry) : null
}

/** The state in which a call has the verdict that its entry follows from. */
function presume(state: AgentState, call: CallState, entry: Entry): AgentState {
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
function judgeAgain(
  state: AgentState,
  call: CallState,
  entry: Entry,
  plan: Plan,
): 'alike' | 'otherwise' | TextDifference {
  const verdict = verdictSaid(call, entry)
  const agent = held(state).card.agent
  const post = plan.posts.get(agent)
  const parsed = post && parseOf(state, { ...call, verdict }, post)
  if (parsed?.kind !== 'tool') return 'alike'
  const judged = judgeCall(state, callsOf(state), call, parsed, post?.agent.rules ?? [])
  if (judged.kind !== (verdict ? 'allowed' : 'refused')) return 'otherwise'
  const needed = judged.kind === 'allowed' && judged.body.approval === true
  if (!verdict || verdict.approval === needed) return 'alike'
  const say = (approval: boolean): string => JSON.stringify(approval ? 'needed' : 'not needed')
  const field = `approval of ${call.call.name}`
  return { seq: entry.seq, agent, field, recorded: say(verdict.approval), today: say(needed) }
}

/** What is recorded holds, whatever today's code would say. */
function isHeld(state: AgentState, entry: Entry, plan: Plan, holds: Holds): boolean {
  if (entry.kind === 'run.waiting') return holds.rest && waitsFor(state, entry.body.waiting.key)
  if (entry.kind !== 'call.judged' || !holds.verdict) return false
  const call = judgedBy(state, entry)
  if (!call) return false
  const { allowed, asked, input } = entry.body
  const parsed = parseOf(state, { ...call, verdict: verdictAfter(call, entry) }, postOf(state, plan))
  return parsed.kind === 'tool' && (!allowed || input !== undefined || parsed.asked === asked)
}

function waitsFor(state: AgentState, key: string): boolean {
  return callsOf(state).some(
    (call) => call.key === key && (call.stage.kind === 'unapproved' || call.stage.kind === 'doubted'),
  )
}

/** That a child waits for somebody stands in its own journal. */
function restsForChild(state: AgentState, entry: Entry, plan: Plan): boolean {
  return entry.kind === 'run.waiting' && records(decide(state, plan, { resting: (key) => key }), entry)
}

function place(state: AgentState, entry: Entry): Omit<Divergence, 'today'> {
  const wrote = callAt(state, entry.key)?.arguments
  const recorded = describeEntry(entry, wrote && ` with ${wrote}`)
  return { seq: entry.seq, key: entry.key, recorded }
}

function callAt(state: AgentState, key: string): CallItem | undefined {
  return callsOf(state).find((call) => call.key === key)?.call
}

function keyOf(action: Action): string {
  if (action.kind === 'record') return action.draft.key
  return action.kind === 'wait' ? action.waiting.key : action.key
}

/** What concerns the run as a whole stands at its key, and what concerns a call names the tool that was called. */
function isOfItsPlace(state: AgentState, { kind, key, attempt, body }: Entry): boolean {
  if (kind.startsWith('run.') || kind === 'definition.changed') return key === RUN_KEY && attempt === 1
  if (kind === 'call.judged' && attempt !== 1) return false
  if (kind === 'approval.given') {
    const stage = callsOf(state).find((call) => call.key === key)?.stage
    if (stage?.kind === 'unapproved' && (stage.asked !== body.asked || stage.attempt !== attempt)) return false
  }
  return !('name' in body) || callAt(state, key)?.name === body.name
}

function agrees(state: AgentState, entry: Entry, actions: readonly Action[]): boolean {
  switch (entry.kind) {
    case 'run.started':
      return state.phase.kind === 'new'
    case 'run.forked':
    case 'definition.changed':
    case 'run.quarantined':
    case 'run.released':
    case 'run.cancelled':
      return state.phase.kind !== 'ended'
    case 'model.replied':
      return asks(actions, entry) && entry.body.asked === askDigest(state.heard)
    case 'model.asked':
    case 'model.failed':
      return asks(actions, entry)
    case 'approval.given':
      return isUnapproved(state, entry)
    case 'approval.asked':
      return records(actions, entry) || isAskedAnew(state, entry)
    case 'call.resolved':
      return isDoubted(state, entry)
    case 'call.returned':
      return ran(actions, entry, entry.body.asked)
    case 'call.doubted':
      return isDoubted(state, entry) || ran(actions, entry)
    case 'call.failed':
      return entry.body.asked === undefined ? records(actions, entry) : ran(actions, entry, entry.body.asked)
    case 'call.judged':
      // Of a later format the verdict itself is held, with what it is on.
      return state.format === 1 && records(actions, entry)
    case 'run.waiting':
    case 'call.intended':
    case 'handoff.made':
    case 'output.judged':
    case 'run.completed':
    case 'run.failed':
      return records(actions, entry)
    case 'step.returned':
    case 'step.failed':
    case 'child.started':
    case 'child.ended':
    case 'timer.set':
    case 'timer.fired':
    case 'message.received':
    case 'race.won':
      return false
    default:
      return entry satisfies never
  }
}

function asks(actions: readonly Action[], entry: Entry): boolean {
  return actions.some((action) => action.kind === 'ask' && action.key === entry.key && action.attempt === entry.attempt)
}

function isUnapproved(state: AgentState, { key }: Entry): boolean {
  return callsOf(state).some((call) => call.key === key && call.stage.kind === 'unapproved')
}

/** The tool had changed under an ask. */
function isAskedAnew(state: AgentState, { key, attempt }: Entry): boolean {
  return callsOf(state).some(
    ({ key: own, stage, approved }) =>
      own === key && (stage.kind === 'unapproved' ? stage : approved)?.attempt === attempt - 1,
  )
}

function isDoubted(state: AgentState, entry: Entry): boolean {
  return callsOf(state).some(
    ({ key, stage }) => key === entry.key && stage.kind === 'doubted' && stage.attempt === entry.attempt,
  )
}

function ran(actions: readonly Action[], entry: Entry, asked?: string): boolean {
  return actions.some(
    (action) =>
      action.kind === 'call' &&
      action.key === entry.key &&
      action.attempt === entry.attempt &&
      (asked === undefined || asked === action.asked),
  )
}

function records(actions: readonly Action[], entry: Entry): boolean {
  return actions.some(
    (action) =>
      action.kind === 'record' &&
      action.draft.kind === entry.kind &&
      action.draft.key === entry.key &&
      action.draft.attempt === entry.attempt &&
      (essence(action.draft) === essence(entry) || isSameOutput(action.draft, entry)),
  )
}

/** A schema whose fields are in another order gives the same. */
function isSameOutput(today: Draft, recorded: Entry): boolean {
  if (today.kind !== 'run.completed' || recorded.kind !== 'run.completed') return false
  return sortedJson(today.body.output) === sortedJson(recorded.body.output)
}

/** What must agree of an entry that follows from others: its wording may differ (invariant 4). */
const ESSENCE: { readonly [K in EntryKind]?: (body: EntryBodies[K]) => string } = {
  'call.judged': ({ allowed }) => (allowed ? 'allowed' : 'refused'),
  'approval.asked': ({ asked }) => asked,
  'call.intended': ({ asked }) => asked,
  'call.failed': ({ error }) => error.code,
  'handoff.made': ({ to }) => to,
  'run.completed': ({ output }) => JSON.stringify(output),
  'run.failed': ({ outcome, error }) => `${outcome} ${error.code}`,
}

function essence({ kind, body }: Pick<Entry, 'kind' | 'body'>): string {
  // The kind says which body it is; TypeScript cannot follow that through the table.
  const say = ESSENCE[kind] as ((said: typeof body) => string) | undefined
  return say?.(body) ?? ''
}

/** @param args of the call that it concerns, where it does, in words. */
function describeEntry({ kind, key, attempt, body }: Draft, args = ''): string {
  const named = 'name' in body
  const said = essence({ kind, body })
  // A fingerprint of the arguments tells a person nothing: they stand there themselves.
  const detail = said === '' || ('asked' in body && said === body.asked) ? '' : ` (${said})`
  return `${kind}${named ? ` ${body.name}` : ''} at ${key}${named ? args : ''}${attempt > 1 ? `, attempt ${attempt}` : ''}${detail}`
}

function describeAction(action: Action, state: AgentState, plan: Plan): string {
  switch (action.kind) {
    case 'record':
      return describeEntry(action.draft, todaysArguments(state, plan, action.draft.key))
    case 'ask':
      return `ask the model at ${action.key}`
    case 'call':
      return `call ${action.tool.name} at ${action.key} with ${sayInput(action.input())}`
    case 'reconcile':
      return `reconcile ${action.tool.name} at ${action.key}`
    case 'wait':
      return `wait (${action.waiting.kind}) at ${action.waiting.key}`
    default:
      return action satisfies never
  }
}

/** The arguments of a call as today's code reads them, in words; nothing where it cannot. */
function todaysArguments(state: AgentState, plan: Plan, key: string): string {
  const call = callsOf(state).find((other) => other.key === key)
  const parsed = call && parseOf(state, call, postOf(state, plan))
  return parsed?.kind === 'tool' ? ` with ${sayInput(parsed.input())}` : ''
}

/** An agent as today's code would let it take a run over; undefined where today's code has no such agent. */
export function todaysHolding(state: AgentState, plan: Plan): Holding | undefined {
  const post = plan.posts.get(held(state).card.agent)
  return post && { card: post.card, instructions: todaysInstructions(post.agent, state, plan) }
}

/** A run that goes on with what it has recorded is not kept from that by what would fail today. */
function todaysInstructions(agent: AnyAgent, { context }: AgentState, { onChange }: Plan): string {
  try {
    return renderInstructions(agent, context)
  } catch (error) {
    if (onChange !== 'pin') throw error
    return messageOf(error)
  }
}

/** Names each text of a holding that reads otherwise today. */
export function textDifferences(seq: number, recorded: Holding, state: AgentState, plan: Plan): TextDifference[] {
  const today = todaysHolding(state, plan)
  if (!today) return []
  const { agent } = recorded.card
  const before = withoutOwnWords(recorded.card, plan)
  const now = withoutOwnWords(today.card, plan)
  const fields = Object.keys({ ...before, ...now }) as (keyof AgentCard)[]
  const pairs = [
    ['instructions', recorded.instructions, today.instructions] as const,
    ...fields.map((field) => [field, say(before[field]), say(now[field])] as const),
  ]
  return pairs.flatMap(([field, was, is]) => (was === is ? [] : { seq, agent, field, recorded: was, today: is }))
}

/** What a handoff is called is the user's; how it is described is the framework's own wording (invariant 4). */
function withoutOwnWords(card: AgentCard, { posts }: Plan): AgentCard {
  const handoffs = new Set([...posts.keys()].map(handoffName))
  return { ...card, tools: card.tools.map((tool) => (handoffs.has(tool.name) ? { ...tool, description: '' } : tool)) }
}

/** A field may be absent on one of the two sides. */
function say(value: unknown): string {
  return JSON.stringify(value) ?? 'absent'
}
