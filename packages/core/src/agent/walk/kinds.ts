// What a walk holds an entry to by its kind alone, whatever today's code would do: where it may stand, and what of it must
// agree. A kind that is added to EntryBodies does not compile before it has a line here.
import type { Entry, EntryBodies, EntryKind, EntryOf } from '../../contracts/entry.ts'
import { compactionKey, RUN_KEY } from '../../journal/keys.ts'
import { sortedJson } from '../../values/sorted-json.ts'
import type { CallEntry } from '../state/call.ts'
import { callAt } from '../state/calls-of.ts'
import { wrongIn } from '../state/edit-history.ts'
import { conversation } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'

interface Kind<K extends EntryKind> {
  /** Whether an entry stands where one of its kind may. */
  readonly place: (entry: EntryOf<K>, state: AgentState) => boolean
  /** What must agree of an entry that follows from others, beside its key and attempt: its wording may differ (invariant 4). */
  readonly essence: (body: EntryBodies[K]) => string
}

/** What concerns the run as a whole stands at its key. */
const ofRun = ({ key, attempt }: Entry): boolean => key === RUN_KEY && attempt === 1

/** What concerns a call names the tool that was called. */
const ofCall = ({ key, body }: CallEntry, state: AgentState): boolean => callAt(state, key)?.call.name === body.name

const ofVerdict = (entry: EntryOf<'call.judged'>, state: AgentState): boolean =>
  entry.attempt === 1 && ofCall(entry, state)

function ofAnswer(entry: EntryOf<'approval.given'>, state: AgentState): boolean {
  const stage = callAt(state, entry.key)?.stage
  if (stage?.kind === 'unapproved' && (stage.callDigest !== entry.body.asked || stage.attempt !== entry.attempt))
    return false
  return ofCall(entry, state)
}

/** It can be made in the conversation as it stands, and tears no call from its result. */
const ofConversation = ({ key, body }: EntryOf<'history.compacted'>, state: AgentState): boolean =>
  state.holder !== null &&
  key === compactionKey(state.holder.ordinal, state.holder.turn) &&
  wrongIn(conversation(state), body.edits) === undefined

/** It stands where today's code would do something, which `agrees` holds it to. */
const ofAction = (): boolean => true

/** No agent's journal has it. */
const nowhere = (): boolean => false

const nothing = (): string => ''

const KINDS: { readonly [K in EntryKind]: Kind<K> } = {
  'run.started': { place: ofRun, essence: nothing },
  'run.forked': { place: ofRun, essence: nothing },
  'history.joined': { place: ofRun, essence: nothing },
  'definition.changed': { place: ofRun, essence: nothing },
  'model.asked': { place: ofAction, essence: nothing },
  'model.replied': { place: ofAction, essence: nothing },
  'model.failed': { place: ofAction, essence: nothing },
  'call.judged': { place: ofVerdict, essence: ({ allowed }) => (allowed ? 'allowed' : 'refused') },
  'approval.asked': { place: ofCall, essence: ({ asked }) => asked },
  'approval.given': { place: ofAnswer, essence: nothing },
  'answer.asked': { place: ofCall, essence: ({ asked }) => asked },
  'call.intended': { place: ofCall, essence: ({ asked }) => asked },
  'call.returned': { place: ofCall, essence: nothing },
  'call.failed': { place: ofCall, essence: ({ error }) => error.code },
  'call.doubted': { place: ofCall, essence: nothing },
  'call.resolved': { place: ofCall, essence: nothing },
  'memory.read': { place: ofAction, essence: nothing },
  'handoff.made': {
    place: ofAction,
    essence: ({ to, payload }) => (payload === undefined ? to : `${to} with ${sortedJson(payload)}`),
  },
  'output.judged': { place: ofAction, essence: ({ rule = '' }) => rule },
  'step.returned': { place: nowhere, essence: nothing },
  'step.failed': { place: nowhere, essence: nothing },
  'child.started': { place: nowhere, essence: nothing },
  'child.ended': { place: nowhere, essence: nothing },
  'timer.set': { place: nowhere, essence: nothing },
  'timer.fired': { place: nowhere, essence: nothing },
  'message.received': { place: ofRun, essence: nothing },
  'race.won': { place: nowhere, essence: nothing },
  'history.compacted': { place: ofConversation, essence: nothing },
  'run.waiting': { place: ofRun, essence: nothing },
  'run.quarantined': { place: ofRun, essence: nothing },
  'run.rewound': { place: ofAction, essence: nothing },
  'run.released': { place: ofRun, essence: nothing },
  'run.completed': { place: ofRun, essence: ({ output }) => JSON.stringify(output) },
  'run.failed': { place: ofRun, essence: ({ outcome, error }) => `${outcome} ${error.code}` },
  'run.cancelled': { place: ofRun, essence: nothing },
}

/** Tells whether an entry stands where one of its kind may. */
export function isOfItsPlace(entry: Entry, state: AgentState): boolean {
  return of(entry.kind).place(entry, state)
}

/** What must agree of an entry that follows from others, in words; '' where that is its place alone. */
export function essence({ kind, body }: Pick<Entry, 'kind' | 'body'>): string {
  return of(kind).essence(body)
}

/** The kind says which entry and which body it is; TypeScript cannot follow that through the table. */
function of(kind: EntryKind): Kind<EntryKind> {
  return KINDS[kind] as Kind<EntryKind>
}
