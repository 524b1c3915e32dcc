// Whether an entry is one of what today's code would do where it stands.
import type { Draft, Entry, EntryOf } from '../../contracts/entry.ts'
import { askDigest } from '../../journal/fingerprint.ts'
import { compactionKey } from '../../journal/keys.ts'
import { isLateEnd } from '../../journal/late.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import type { Action } from '../decide/action.ts'
import { callAt } from '../state/calls-of.ts'
import type { AgentState } from '../state/state.ts'
import { summaryChain } from '../state/summary-request.ts'
import { essence } from './kinds.ts'

/** Tells whether an entry follows from the state before it by what today's code would do there. */
export function agrees(state: AgentState, entry: Entry, actions: readonly Action[]): boolean {
  switch (entry.kind) {
    case 'run.started':
      return state.phase.kind === 'new'
    case 'history.joined':
      return state.phase.kind === 'asking' && state.seq === 0
    case 'run.forked':
    case 'definition.changed':
    case 'run.quarantined':
    case 'run.released':
    case 'run.cancelled':
      return state.phase.kind !== 'ended'
    case 'model.replied':
      return asks(actions, entry) && isAskedSo(state, entry)
    case 'model.asked':
      return asks(actions, entry)
    case 'memory.read':
      return actions.some((action) => action.kind === 'read-memory' && action.key === entry.key && entry.attempt === 1)
    case 'model.failed':
      return asks(actions, entry) || isNext(state, entry)
    case 'history.compacted':
      // When, and how, went by what no journal says; that it can be is held by its place.
      return state.phase.kind === 'asking' && (entry.body.way !== 'summary' || isNext(state, entry))
    case 'run.rewound':
      return callAt(state, entry.key)?.stage.kind === 'open'
    case 'approval.given':
      return isUnapproved(state, entry)
    case 'approval.asked':
      return records(actions, entry) || isAskedAnew(state, entry)
    case 'call.resolved':
      return isDoubted(state, entry)
    case 'call.returned':
      // What reads on in a result follows from what is recorded.
      return ran(actions, entry, entry.body.asked) || records(actions, entry) || isAsked(state, entry)
    case 'call.doubted':
      return isDoubted(state, entry) || ran(actions, entry)
    case 'call.failed':
      if (records(actions, entry)) return true
      return entry.body.asked !== undefined && (ran(actions, entry, entry.body.asked) || isAsked(state, entry))
    case 'call.judged':
      // Of a later format the verdict itself is held, with what it is on.
      return state.format === 1 && records(actions, entry)
    case 'run.waiting':
    case 'answer.asked':
    case 'call.intended':
    case 'handoff.made':
    case 'output.judged':
    case 'run.completed':
      return records(actions, entry)
    case 'run.failed':
      return records(actions, entry) || (isLateEnd(entry.body.error) && state.phase.kind !== 'ended')
    case 'step.returned':
    case 'step.failed':
    case 'child.started':
    case 'child.ended':
    case 'timer.set':
    case 'timer.fired':
    case 'race.won':
      return false
    case 'message.received':
      return mayHear(state)
    default:
      return entry satisfies never
  }
}

/** A summary is asked for in words of the framework's, or the user's: what it is known by follows from those that are recorded. */
export function isAskedSo(state: AgentState, { body: { asked, summary } }: EntryOf<'model.replied'>): boolean {
  return asked === askDigest(summary ? summaryChain(state, summary) : state.requestChain)
}

/** Whether what a user says meanwhile may be heard: nothing is heard once the run only ends. */
export function mayHear({ phase }: AgentState): boolean {
  return phase.kind === 'asking' || phase.kind === 'calling' || phase.kind === 'answered'
}

function asks(actions: readonly Action[], entry: Entry): boolean {
  return actions.some((action) => action.kind === 'ask' && action.key === entry.key && action.attempt === entry.attempt)
}

/** A summary is asked for in the order of its attempts. */
function isNext({ phase, compacting, holder }: AgentState, { key, attempt }: Entry): boolean {
  if (phase.kind !== 'asking' || !holder) return false
  return key === compactionKey(holder.ordinal, holder.turn) && compacting?.attempt === attempt
}

function isUnapproved(state: AgentState, { key }: Entry): boolean {
  return callAt(state, key)?.stage.kind === 'unapproved'
}

/** Somebody has answered, or nobody has in time. */
function isAsked(state: AgentState, { key, attempt, body }: EntryOf<'call.returned' | 'call.failed'>): boolean {
  const stage = callAt(state, key)?.stage
  return stage?.kind === 'asked' && stage.attempt === attempt && stage.callDigest === body.asked
}

/** The tool had changed under an ask. */
function isAskedAnew(state: AgentState, { key, attempt }: Entry): boolean {
  const call = callAt(state, key)
  return (call?.stage.kind === 'unapproved' ? call.stage : call?.approved)?.attempt === attempt - 1
}

function isDoubted(state: AgentState, entry: Entry): boolean {
  const stage = callAt(state, entry.key)?.stage
  return stage?.kind === 'doubted' && stage.attempt === entry.attempt
}

function ran(actions: readonly Action[], entry: Entry, asked?: string): boolean {
  return actions.some(
    (action) =>
      action.kind === 'call' &&
      action.key === entry.key &&
      action.attempt === entry.attempt &&
      (asked === undefined || asked === action.callDigest),
  )
}

/** Tells whether today's code would write an entry of its own accord, and say the same in it. */
export function records(actions: readonly Action[], entry: Entry): boolean {
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
