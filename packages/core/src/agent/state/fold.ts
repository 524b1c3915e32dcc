// What a journal means: the state after one more entry. Pure: no clock, no I/O, no definition.
import type { AgentSnapshot, AgentStart, ChildEnding, Entry, EntryKind, EntryOf } from '../../contracts/entry.ts'
import type { Item, UserInput, UserItem } from '../../contracts/item.ts'
import { READ_RESULT } from '../../define/read-result.ts'
import { isCompactionKey } from '../../journal/keys.ts'
import { quarantined } from '../../journal/quarantined.ts'
import { rewoundAfter } from '../../journal/rewound.ts'
import { addSpent, NO_TOTALS } from '../../journal/totals.ts'
import type { Json } from '../../values/json.ts'
import type { Spent } from '../../values/spent.ts'
import type { Used } from '../../contracts/totals.ts'
import { callAfter, type CallEntry, isRefusal } from './call.ts'
import { confirmedAfter, confirmedBefore } from './confirmed.ts'
import { countUp } from './counts.ts'
import { type Fact, remember } from './facts.ts'
import { endingOf } from './ending.ts'
import { cutsBy } from './cut-result.ts'
import { edited } from './edit-history.ts'
import { editsAfter } from './edits.ts'
import { append, emptyLog, view } from './log.ts'
import { tell, type Told } from './tell-result.ts'
import { ASK, phaseAfterFailure, phaseAfterReply, unbegun } from './phase.ts'
import { settledResults, wellFormed } from './results.ts'
import type { AgentState, CallState, Ending, Holder } from './state.ts'
import { foldSummary } from './summary.ts'

/** A turn before which nothing was done to make the conversation shorter. */
const NOT_COMPACTED: AgentState['compacting'] = { attempt: 1, retryAt: null, givenUp: false }

/** The signal by which a user says something to a run that is under way. */
export const SAID = 'said'

/**
 * A run of which nothing is recorded.
 *
 * @param remembers whether it keeps what calls were given and gave: rules may look at it, and without any that do it is not
 * needed. @default true
 * @param before how the turn has ended that it goes on from: who looks at calls alone has no need of it.
 */
export function emptyState({
  remembers = true,
  before = null,
}: { readonly remembers?: boolean; readonly before?: AgentState | null | undefined } = {}): AgentState {
  return {
    format: 1,
    phase: { kind: 'new' },
    items: emptyLog(),
    cuts: [],
    measured: null,
    compacting: NOT_COMPACTED,
    requestChain: '',
    holder: null,
    before,
    said: [],
    heard: [],
    context: null,
    effects: 'live',
    depth: 0,
    edits: [],
    rewound: [],
    memoriesRead: [],
    seq: -1,
    digest: '',
    at: 0,
    totals: NO_TOTALS,
    turnsBy: [],
    turnsBelow: 0,
    turnsLeft: null,
    handoffsBy: [],
    returned: [],
    ran: [],
    memory: remembers ? [] : null,
    confirmed: [],
    confirming: [],
    repairs: 0,
    waiting: null,
  }
}

/** Gives the state after one more entry. */
export function fold(before: AgentState, entry: Entry): AgentState {
  const state = { ...before, seq: entry.seq, digest: entry.digest, at: entry.at }
  switch (entry.kind) {
    case 'run.started':
    case 'run.forked':
    case 'run.waiting':
    case 'run.quarantined':
    case 'run.rewound':
    case 'run.released':
    case 'run.completed':
    case 'run.failed':
    case 'run.cancelled':
      return foldRun(state, entry)
    case 'history.joined':
      return foldJoin(state, entry)
    case 'definition.changed':
      return { ...state, holder: { ...held(state), ...entry.body }, requestChain: state.requestChain + entry.digest }
    case 'model.asked':
      return state.phase.kind === 'asking'
        ? { ...state, phase: { ...state.phase, pending: entry.body.responseId } }
        : foldSummary(state, entry)
    case 'model.replied':
      return entry.body.summary ? foldSummary(state, entry) : foldReply(state, entry)
    case 'model.failed':
      if (isCompactionKey(entry.key)) return foldNoSummary(state, entry)
      return entry.body.summary ? foldSummary(spend(state, entry.body.spent), entry) : foldFailure(state, entry)
    case 'history.compacted':
      return foldCompaction(state, entry)
    case 'call.judged':
    case 'approval.asked':
    case 'approval.given':
    case 'answer.asked':
    case 'call.intended':
    case 'call.returned':
    case 'call.failed':
    case 'call.doubted':
    case 'call.resolved':
      return foldCall(state, entry)
    case 'memory.read': {
      const { memory, text } = entry.body
      const read = { ...state, memoriesRead: [...state.memoriesRead, memory] }
      return hear(read, entry, text === undefined ? [] : [{ kind: 'user', text: text.toWellFormed() }])
    }
    case 'handoff.made':
      return foldHandoff(state, entry)
    case 'output.judged':
      return foldComplaint(state, entry)
    case 'step.returned':
    case 'step.failed':
    case 'child.started':
    case 'child.ended':
    case 'timer.set':
    case 'timer.fired':
    case 'race.won':
      throw notAgents(entry)
    case 'message.received':
      return foldSaid(state, entry)
    default:
      return entry satisfies never
  }
}

/** What begins, stops and ends a run. */
function foldRun(state: AgentState, entry: EntryOf<Extract<EntryKind, `run.${string}`>>): AgentState {
  switch (entry.kind) {
    case 'run.started':
      if (!('card' in entry.body)) throw notAgents(entry)
      return foldStart(state, entry, entry.body)
    case 'run.forked':
      return foldFork(state, entry)
    case 'run.waiting':
      return { ...state, waiting: entry.body.waiting }
    case 'run.quarantined':
      return { ...state, waiting: quarantined(entry.body.reason) }
    case 'run.rewound':
      return foldRewound(state, entry)
    case 'run.released':
      return { ...state, waiting: null }
    case 'run.completed':
      return end(state, endingOf(entry))
    case 'run.failed':
    case 'run.cancelled':
      return end(spend(state, entry.body.spent), endingOf(entry))
    default:
      return entry satisfies never
  }
}

/** Words come after results, and never between a call and its own. */
function foldSaid(state: AgentState, entry: EntryOf<'message.received'>): AgentState {
  const { id: run, payload, signal } = entry.body
  if (signal !== SAID) throw notAgents(entry)
  const heard = [...state.heard, { run, ending: null }]
  // Only the runtime writes it.
  const item = userItem((payload as { readonly input: Json }).input)
  const { kind } = state.phase
  if (kind === 'calling') return hear({ ...state, heard, said: [...state.said, item] }, entry, [])
  return hear(kind === 'answered' ? nextTurn({ ...state, heard }) : { ...state, heard }, entry, [item])
}

function notAgents({ kind, seq }: Entry): Error {
  return new Error(`The entry ${seq} (${kind}) is not one of an agent's run`)
}

/** The agent that holds a run that has started. */
export function held(state: AgentState): Holder {
  if (!state.holder) throw new Error('A journal must begin with run.started')
  return state.holder
}

/** What was under way is kept: the next turn of a session closes it. */
function end(state: AgentState, ending: Ending | null): AgentState {
  if (!ending) return state
  const { phase } = state
  const left = phase.kind === 'calling' && { left: phase.calls }
  const said = 'text' in ending ? ending.text : undefined
  const cut = phase.kind === 'asking' && isFromOutside(ending) && said !== undefined && { cut: said }
  const heard = state.heard.map((one) => (one.ending ? one : { ...one, ending: toldOf(ending) }))
  return { ...state, phase: { kind: 'ended', ending, ...left, ...cut }, heard, waiting: null }
}

/** How a run ended, as another is told. */
function toldOf(ending: Ending): ChildEnding {
  if (ending.kind === 'completed') return { kind: 'completed', output: ending.output }
  if (ending.kind === 'cancelled') return { kind: 'cancelled', reason: ending.reason }
  return { kind: ending.kind, error: ending.error }
}

/** Whether a run was ended while something may have been under way. */
function isFromOutside({ kind }: Ending): boolean {
  return kind === 'cancelled' || kind === 'failed'
}

function hold({ card, instructions }: AgentSnapshot, ordinal: number): Holder {
  return { card, instructions, ordinal, turn: 0, called: false }
}

/** A context is one for all calls of a run, also after a resume: nobody may change it (invariant 7). */
function freeze<T extends Json>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) freeze(member as Json)
  return Object.freeze(value)
}

function userItem(input: Json): UserItem {
  // What is not text was checked to be a user's input with parts when the run began.
  if (typeof input === 'string') return { kind: 'user', text: input.toWellFormed() }
  const { text, parts } = input as unknown as UserInput
  return { kind: 'user', text: text.toWellFormed(), ...(parts && { parts: parts.map(wellFormed) }) }
}

/** Puts items into the conversation, and into what the next request is known by. */
function hear(state: AgentState, entry: Entry, items: readonly Item[]): AgentState {
  return { ...state, items: append(state.items, items), requestChain: state.requestChain + entry.digest }
}

function foldStart(state: AgentState, entry: Entry, body: AgentStart): AgentState {
  const { format = 1, context, effects = 'live', depth = 0, turnsLeft = null, input } = body
  const holder = hold(body, 0)
  return hear({ ...state, format, context: freeze(context), effects, depth, turnsLeft, holder, phase: ASK }, entry, [
    userItem(input),
  ])
}

/** The conversation of the turn before comes first. What it had used is its own; how often tools returned is of the session. */
function foldJoin(state: AgentState, entry: EntryOf<'history.joined'>): AgentState {
  const { holder, closed = [], heard } = entry.body
  const { before } = state
  // What was heard there stands there.
  const own = heard ? [] : view(state.items)
  const joined = {
    ...state,
    before: null,
    items: append(append(before?.items ?? emptyLog<Item>(), closed), own),
    ...(heard && { phase: { kind: 'heard', ending: heard.ending } as const }),
    ...(before && {
      returned: before.returned,
      ran: before.ran,
      cuts: before.cuts,
      measured: before.measured,
      ...confirmedBefore(before),
      memory: state.memory && (before.memory ?? []),
    }),
    heard: (before?.heard ?? []).filter(({ run }) => run !== heard?.run),
  }
  return hear(holder ? { ...joined, holder: hold(holder, 0) } : joined, entry, [])
}

/** What the other run had begun and not ended was its own, and so was what it had used: here nothing has begun yet. */
function foldFork(state: AgentState, { body: { effects, edits } }: EntryOf<'run.forked'>): AgentState {
  const fresh = {
    phase: unbegun(state.phase),
    totals: NO_TOTALS,
    turnsBy: [],
    turnsBelow: 0,
    handoffsBy: [],
    waiting: null,
    compacting: state.compacting && NOT_COMPACTED,
  }
  // What a user has allowed one run to do, another does not do on the same word.
  const asksAnew = effects === 'live' && { confirmed: [], confirming: [] }
  return { ...state, ...fresh, ...asksAnew, effects, edits: editsAfter(state.edits, edits), rewound: [] }
}

function foldRewound(state: AgentState, entry: EntryOf<'run.rewound'>): AgentState {
  const before = state.rewound.find(({ key }) => key === entry.key)
  const others = state.rewound.filter((other) => other !== before)
  return { ...state, rewound: [...others, rewoundAfter(before, entry)], waiting: null }
}

function nextTurn(state: AgentState): AgentState {
  const holder = held(state)
  return { ...state, holder: { ...holder, turn: holder.turn + 1 }, phase: ASK }
}

function foldReply(state: AgentState, entry: EntryOf<'model.replied'>): AgentState {
  const { asked, reply } = entry.body
  const { agent } = held(state).card
  const { usage } = reply
  const length = state.items.length + reply.items.length
  return hear(
    {
      ...state,
      measured: usage ? { tokens: usage.inputTokens + usage.outputTokens, length } : state.measured,
      compacting: NOT_COMPACTED,
      // Its fingerprint stands for all that was heard before: so what is kept stays short.
      requestChain: asked,
      phase: phaseAfterReply(reply, entry.key),
      totals: { ...addSpent(state.totals, reply), turns: state.totals.turns + 1 },
      turnsBy: countUp(state.turnsBy, agent),
    },
    entry,
    reply.items,
  )
}

/** An answer that rules do not let end the run yet was refused by them. */
function foldComplaint(state: AgentState, entry: EntryOf<'output.judged'>): AgentState {
  const { told, rule } = entry.body
  const totals = rule === undefined ? state.totals : { ...state.totals, refused: (state.totals.refused ?? 0) + 1 }
  return hear({ ...nextTurn(state), totals, repairs: state.repairs + 1 }, entry, [{ kind: 'user', text: told }])
}

function foldFailure(state: AgentState, entry: EntryOf<'model.failed'>): AgentState {
  return { ...spend(state, entry.body.spent), phase: phaseAfterFailure(state.phase, entry) }
}

/** Without a summary the run goes on as it can. */
function foldNoSummary(state: AgentState, { attempt, body }: EntryOf<'model.failed'>): AgentState {
  const { retryAt, spent } = body
  const compacting = { attempt: retryAt === null ? 1 : attempt + 1, retryAt, givenUp: retryAt === null }
  return { ...spend(state, spent), compacting }
}

/** What was counted of calls, and what rules go by, stays as it was: that is no part of the conversation. */
function foldCompaction(state: AgentState, entry: EntryOf<'history.compacted'>): AgentState {
  const { edits, estimate, spent } = entry.body
  const before = view(state.items)
  const items = append(emptyLog<Item>(), edited(before, edits))
  return {
    ...spend(state, spent),
    items,
    cuts: cutsBy(state.cuts, before, edits),
    measured: { tokens: estimate.after, length: items.length },
    compacting: null,
    requestChain: state.requestChain + entry.digest,
  }
}

/** An ask that was charged, and of which no reply came. */
function spend(state: AgentState, spent: Spent | undefined): AgentState {
  return spent ? { ...state, totals: addSpent(state.totals, spent) } : state
}

function foldCall(state: AgentState, entry: CallEntry): AgentState {
  if (state.phase.kind !== 'calling') return state
  const index = state.phase.calls.findIndex((call) => call.key === entry.key)
  const call = state.phase.calls[index]
  if (!call) return state
  const told = tell(entry, readName(state))
  const after = callAfter(call, entry, state.format, told.text)
  const { stage, ran } = after
  const isSettled = stage.kind === 'settled'
  const returned = isSettled && stage.ok
  const { name } = call.call
  return settle({
    ...state,
    phase: { kind: 'calling', calls: state.phase.calls.with(index, after) },
    cuts: isSettled ? cutsAfter(state, call, told) : state.cuts,
    requestChain: isSettled || after.edited !== call.edited ? state.requestChain + entry.digest : state.requestChain,
    returned: returned ? countUp(state.returned, name) : state.returned,
    ran: returned || (isSettled && ran) ? countUp(state.ran, name) : state.ran,
    memory: returned ? remember(state.memory, name, factOf(after, entry)) : state.memory,
    ...confirmedAfter(state, call, entry),
    turnsBelow: state.turnsBelow + turnsBelowOf(entry),
    totals: usedBy(state.totals, entry, returned),
    waiting: state.waiting?.key === entry.key ? null : state.waiting,
  })
}

/** The name of the next text that the model is told a part of; undefined where it could not read on. */
function readName({ cuts, holder }: AgentState): string | undefined {
  return holder?.card.tools.some(({ name }) => name === READ_RESULT) ? `r${cuts.length + 1}` : undefined
}

function cutsAfter(
  state: AgentState,
  { call: { callId, name } }: CallState,
  { whole, tokens }: Told,
): AgentState['cuts'] {
  const id = whole === undefined ? undefined : readName(state)
  if (whole === undefined || id === undefined) return state.cuts
  return [...state.cuts, { id, callId, name, text: whole, tokens: tokens ?? 0 }]
}

/** What is remembered of a call that has returned. */
function factOf({ call, edited: changed, verdict }: CallState, { seq, body }: CallEntry): Fact {
  const result = 'result' in body ? body.result : null
  return {
    seq,
    arguments: (changed?.call ?? call).arguments,
    ...(verdict?.input !== undefined && { input: verdict.input }),
    result,
  }
}

function usedBy(totals: Used, entry: CallEntry, returned: boolean): Used {
  if (returned) return { ...totals, calls: totals.calls + 1 }
  return isRefusal(entry) ? { ...totals, refused: (totals.refused ?? 0) + 1 } : totals
}

function turnsBelowOf({ body }: CallEntry): number {
  return 'turnsBelow' in body ? (body.turnsBelow ?? 0) : 0
}

/** When all calls of a reply are settled, the model hears the results in the order of the calls, and it is its turn again. */
function settle(state: AgentState): AgentState {
  const results = state.phase.kind === 'calling' ? resultsOf(state.phase.calls) : undefined
  if (!results) return state
  const next = nextTurn(state)
  const items = append(state.items, [...results, ...state.said])
  return { ...next, ...confirmedBefore(state), holder: { ...held(next), called: true }, items, said: [], repairs: 0 }
}

function resultsOf(calls: readonly CallState[]): Item[] | undefined {
  // Asked at each result, and mostly in vain.
  return calls.every(({ stage }) => stage.kind === 'settled') ? settledResults(calls) : undefined
}

function foldHandoff(state: AgentState, entry: EntryOf<'handoff.made'>): AgentState {
  if (state.phase.kind !== 'calling') return state
  const calls = state.phase.calls.map((call) =>
    call.key === entry.key ? { ...call, stage: { kind: 'settled', ok: false, told: entry.body.told } as const } : call,
  )
  const { card, ordinal } = held(state)
  const handoffsBy = countUp(state.handoffsBy, card.agent)
  const holder = hold(entry.body, ordinal + 1)
  const after = { ...state, ...confirmedBefore(state), holder, phase: ASK, said: [], repairs: 0, handoffsBy }
  const { moved } = entry.body
  if (!moved) return hear(after, entry, [...(resultsOf(calls) ?? []), ...state.said])
  // The next agent reads what moved, and nothing of what was before.
  const text: Item = { kind: 'user', text: moved.text.toWellFormed() }
  return hear({ ...after, items: emptyLog() }, entry, [text, ...state.said])
}

/** The conversation of a state. */
export function conversation(state: AgentState): readonly Item[] {
  return view(state.items)
}
