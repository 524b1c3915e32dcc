import type { Digest } from '../values/digest.ts'
import type { Json, JsonObject } from '../values/json.ts'
import type { Spent } from '../values/spent.ts'
import type { CompactionEstimate, HistoryEdit } from './history.ts'
import type { AssistantItem, InputPart, ResultItem, UserItem } from './item.ts'
import type { AgentCard, ModelReply } from './model.ts'
import type { Totals } from './totals.ts'

/** Names a definition: what a run was started with. */
export interface DefinitionRef {
  readonly kind: 'agent' | 'team' | 'workflow'
  readonly name: string
  readonly version: number
}

/** An error as a journal keeps it. */
export interface RecordedError {
  readonly code: string
  readonly message: string
  readonly details?: JsonObject
  /** Where it was thrown, of an error of somebody's code, where the runtime keeps stacks (`recordStacks`). */
  readonly stack?: string
}

/** How a run ended without a result. */
export type FailureKind = 'failed' | 'refused' | 'incomplete' | 'over-budget'

/** A call that somebody is asked about, as that person needs to know it. */
interface AskedCall {
  readonly tool: string
  /** The agent whose model made the call. */
  readonly agent?: string
  /**
   * What the tool is to be called with, as the model gave it, with tokens for secrets. It stands in the journal: who reads
   * a run from a runtime is given it, and a run's stored row has none.
   */
  readonly arguments?: JsonObject
}

/** Why a run rests until somebody from outside acts. */
export type Waiting =
  /** `id` is what `resolve` takes. */
  | (AskedCall & { readonly kind: 'in-doubt'; readonly key: string; readonly id: string })
  /** `id` is what `approve` and `reject` take. */
  | (AskedCall & {
      readonly kind: 'approval'
      readonly key: string
      readonly id: string
      /** When it counts as refused, in milliseconds since 1970. */
      readonly until?: number
      /** How many people must allow it, where more than one must, and who has so far. */
      readonly approvers?: number
      readonly by?: readonly string[]
      /** Whether the runtime's `onApproval` was told. */
      readonly told?: true
    })
  /** Somebody is to answer the call. `id` is what `answer` takes: it names the run too. */
  | (AskedCall & {
      readonly kind: 'answer'
      readonly key: string
      readonly id: string
      /** When the model is told that nobody has answered, in milliseconds since 1970. */
      readonly until?: number
      /** Whether the runtime's `onApproval` was told. */
      readonly told?: true
    })
  /** `until` is when the run goes on without, where it does, in milliseconds since 1970. */
  | { readonly kind: 'signal'; readonly key: string; readonly signal: string; readonly until?: number }
  | { readonly kind: 'child'; readonly key: string; readonly runId: string; readonly until?: number }
  | { readonly kind: 'timer'; readonly key: string; readonly until: number }
  /** The turn before it in its session has not ended. It stands in the run's row alone. */
  | { readonly kind: 'turn'; readonly key: string; readonly runId: string }
  /** A failed attempt is made again then, in milliseconds since 1970. */
  | { readonly kind: 'retry'; readonly key: string; readonly until: number }
  | Interrupted
  /** It has ended its owners too often, or its journal is damaged: nobody takes it up until it is released. */
  | { readonly kind: 'quarantined'; readonly key: string; readonly reason: string }

/** What somebody is asked about a call: whether it may run, or what comes of it. */
export type AskWait = Extract<Waiting, { kind: 'approval' | 'answer' }>

/**
 * Nobody drives the run, since whoever did could not bring it further, and `error` says why. It stands in the run's row
 * alone, and in no journal. A worker tries again from `until` on (milliseconds since 1970); `resume` and `start` do at once.
 */
export interface Interrupted {
  readonly kind: 'interrupted'
  readonly key: string
  readonly error: RecordedError
  readonly until: number
  /** How often in a row it was interrupted without getting any further; 0 where its runtime was merely closed. */
  readonly times: number
  /** Whether an operator can mend what is wrong: then it is tried for ever, and is never put into quarantine. */
  readonly mendable: boolean
}

/**
 * A signal that came. In an agent's run `signal` is `said`: a user said something meanwhile, as `payload` has it (`input` and,
 * where that is known, `by`), in the turn of the session whose run is `id`.
 */
export interface Message {
  readonly signal: string
  readonly id: string
  readonly payload: Json
}

/** An agent that holds a run, as it was when it took it. */
export interface AgentSnapshot {
  readonly card: AgentCard
  /** The instructions as rendered once. */
  readonly instructions: string
}

/** What a run may do to the world: `read` leaves it to tools that only read. */
export type Effects = 'live' | 'read'

/**
 * The meaning of a run's journal: it keeps the one that it began with. 1 is that of releases before 0.2, and is not said.
 */
export type RunFormat = 1 | 2

/**
 * What a run was given, before its schemas made anything of it, as digests: over tokens, the keys of objects in order. ''
 * for what JSON cannot say.
 */
export interface GivenDigests {
  readonly input: Digest
  /** Absent where none was given. */
  readonly context?: Digest
}

/** How a run of any kind begins. */
interface Start {
  readonly format?: Exclude<RunFormat, 1>
  readonly definition: DefinitionRef
  readonly given?: GivenDigests
  readonly input: Json
  readonly context: Json
  /** There for the child of a run that may only read. */
  readonly effects?: 'read'
  /** Who said it, where that was given: of a turn of a session. */
  readonly by?: string
  /** How many runs are above it; absent of one that has no parent. */
  readonly depth?: number
  /** How many turns its caller had left for it and those below it; absent where nothing limits them. */
  readonly turnsLeft?: number
}

/** How a run of an agent or a team begins. */
export type AgentStart = Start & AgentSnapshot

/** How a run of a workflow begins. */
export interface WorkflowStart extends Start {
  /** What its random numbers come from. */
  readonly seed: string
}

/** How a child run ended. */
export type ChildEnding =
  | { readonly kind: 'completed'; readonly output: Json }
  | { readonly kind: FailureKind; readonly error: RecordedError }
  | { readonly kind: 'cancelled'; readonly reason: string }

/**
 * What the code of a workflow had asked for in the same scope since the entry before, of which no entry says anything: ids
 * and random numbers, signals that it received, the item of its branch. Absent where there was nothing.
 */
export interface After {
  readonly after?: string
}

/**
 * The most that the model is told of a text which its journal has whole: what it is told follows from the two, by the
 * function of this version.
 */
export interface ResultBound {
  readonly version: 1
  /** As `version` estimates them. */
  readonly tokens: number
}

/** How an agent was made to go on in a fork, whatever today's code says of it. */
export type AgentEdit =
  | { readonly kind: 'instructions'; readonly agent: string; readonly instructions: string }
  | { readonly kind: 'model'; readonly agent: string; readonly model: string }

/**
 * What somebody has edited in a fork. Of an entry it says which part: the entry is the one just before `run.forked`, which
 * the other run has as it was.
 */
export type RecordedEdit = { readonly kind: 'input' | 'reply' | 'result' | 'message' } | AgentEdit

/** Facts of a memory, by their keys: whose they are, the run's row says. */
export interface FactKeys {
  readonly memory: string
  readonly keys: readonly string[]
}

/** What a model was asked that was to sum up the conversation for a handoff: after the conversation, in a user's words. */
export interface AskedSummary {
  readonly model: string
  readonly maxOutputTokens: number
  readonly question: string
}

/** The body of each kind of entry. A body holds only what is new (invariant 1). */
export interface EntryBodies {
  'run.started': AgentStart | WorkflowStart
  /** All before it was taken over from the run `of`. `seed` is what a workflow's random numbers come from from here on. */
  'run.forked': {
    readonly of: string
    readonly effects: Effects
    readonly seed?: string
    /** Absent where nothing was edited. */
    readonly edits?: readonly RecordedEdit[]
  }
  /**
   * A turn of a session goes on from another: the conversation of that run comes before its own input. Nothing of it is
   * copied.
   */
  'history.joined': {
    readonly of: string
    /** The newest entry of that run. */
    readonly seq: number
    /** What its whole conversation is known by. */
    readonly hash: Digest
    /** Who goes on, where that is not the entry of a team: the agent that had the conversation last, as it reads today. */
    readonly holder?: AgentSnapshot
    /** What the model is told of calls that were left open there, and what it had said of a reply that was cut off. */
    readonly closed?: readonly (ResultItem | AssistantItem | UserItem)[]
    /** Its own input was heard there already: it ends as that run has (`run` is its own id). */
    readonly heard?: { readonly run: string; readonly ending: ChildEnding }
  }
  'definition.changed': AgentSnapshot
  /** The service has accepted the request as a response of its own, which can be heard again after a crash. */
  'model.asked': { readonly responseId: string }
  /** `asked` is the fingerprint of the request (invariant 4). */
  'model.replied': { readonly asked: Digest; readonly reply: ModelReply; readonly summary?: AskedSummary }
  /**
   * `retryAt` is when it is asked again (milliseconds since 1970); null ends the run. `spent` is there where the ask was
   * charged, or may have been.
   */
  'model.failed': {
    readonly error: RecordedError
    readonly retryAt: number | null
    readonly spent?: Spent
    readonly summary?: AskedSummary
  }
  /**
   * The verdict on a call, over all entries before it (invariant 6): of the rules, and whether somebody must allow it.
   * It is left out where the entry that follows at once says the same, and of a call that does nothing to the world until
   * its own entry is there, where nothing had to be decided. In a journal of the first format it is the rules' alone.
   */
  'call.judged': {
    readonly name: string
    readonly allowed: boolean
    /** What the model hears of a refusal. */
    readonly told?: string
    /** Of a refusal: the kind of the rule that refuses it. Absent in older journals. */
    readonly rule?: string
    /** There where the call is allowed: the fingerprint of its tool and its input. */
    readonly asked?: Digest
    /** There where somebody must allow it. */
    readonly approval?: true
    /** What the schema made of the arguments, where that is another thing than what the model gave: each attempt has it. */
    readonly input?: Json
  }
  /**
   * Somebody must allow the call: this tool (`tool`: what it does and takes) with these arguments (`asked`), and no other.
   * Nobody may any more after `until`.
   */
  'approval.asked': {
    readonly name: string
    readonly asked: Digest
    readonly tool: Digest
    readonly until?: number
    /** How many people must allow it, where more than one must: so many entries say so, of as many people. */
    readonly approvers?: number
    /** There where the call may have run before that: nobody can say that it was not executed. */
    readonly begun?: true
  }
  'approval.given': {
    readonly name: string
    readonly asked: Digest
    readonly approved: boolean
    readonly by: string
    /** Where they are known from; absent in journals of before. */
    readonly source?: string
    /** Why, in their words; absent where they gave none. */
    readonly reason?: string
    /**
     * There where they have allowed it with other arguments: `arguments` are those, and `asked` the fingerprint of the call
     * with them. It is judged again; the model's call stays as it is.
     */
    readonly edited?: { readonly arguments: JsonObject; readonly asked: Digest }
    /** What the model is told of a refusal, or before the result of a call with other arguments. */
    readonly told?: string
  }
  /**
   * Somebody is to answer the call. Nobody may any more after `until`. `of` is there where they are asked whether another
   * call may be made: its tool, and the fingerprint that it has with these arguments.
   */
  'answer.asked': {
    readonly name: string
    readonly asked: Digest
    readonly until?: number
    readonly of?: { readonly tool: string; readonly asked: Digest }
  }
  /** `owner` is who is about to begin it, and may go on with it after it has lost the run. */
  'call.intended': { readonly name: string; readonly asked: Digest; readonly owner?: string }
  /**
   * `asked` is the fingerprint of the call: its tool and its input. `lost` names the first places of what the tool gave
   * that JSON says otherwise, by their paths. `bound` is there where the model is told a part of it. `facts` are those that a
   * tool of a memory has read or, where it `wrote`, kept. `turnsBelow` is how many turns the run of the call has had, with those
   * below it, where they are limited. `by` is who has answered it, and `source` where they are known from, where it is one that
   * somebody else answers.
   */
  'call.returned': {
    readonly name: string
    readonly asked: Digest
    readonly result: Json
    readonly lost?: readonly string[]
    readonly bound?: ResultBound
    readonly facts?: FactKeys & { readonly wrote?: true }
    readonly turnsBelow?: number
    /** Pictures and files that the model is shown beside it. */
    readonly parts?: readonly InputPart[]
    readonly by?: string
    readonly source?: string
  }
  /**
   * `retryAt` is when it runs again; null means that the model is told the error's message. `asked` is absent where
   * the call never ran. `ran` is there where its tool was begun, and its effect may have happened all the same.
   */
  'call.failed': {
    readonly name: string
    readonly asked?: Digest
    readonly error: RecordedError
    readonly retryAt: number | null
    readonly ran?: true
    readonly bound?: ResultBound
    readonly turnsBelow?: number
  }
  /** Nobody here knows whether the call happened; `asked` when its tool was asked and did not know either. */
  'call.doubted': {
    readonly name: string
    readonly reason: string
    readonly asked: boolean
    /** The owner that still ran it: until that is over, nobody can say whether it happened. */
    readonly running?: string
  }
  /** What the outside world, or a person, said of a call in doubt. */
  'call.resolved': {
    readonly name: string
    readonly happened: boolean
    readonly result: Json
    readonly by: string
    readonly lost?: readonly string[]
    readonly bound?: ResultBound
  }
  /** What was known before the agent was asked: `text` is what it is told of it, absent where that is nothing new. */
  'memory.read': FactKeys & { readonly text?: string }
  /**
   * `payload` is what was handed over, as its schema gave it. `moved` is there where the next agent reads this text instead of
   * the conversation before it.
   */
  'handoff.made': AgentSnapshot & {
    readonly to: string
    readonly told: string
    readonly payload?: Json
    readonly moved?: { readonly kind: 'payload' | 'summary'; readonly text: string }
  }
  /** An answer that was sent back: `told` is the exact complaint. */
  'output.judged': {
    readonly told: string
    /** The kind of the rule by which it came too early; absent where it broke its schema. */
    readonly rule?: string
  }
  'step.returned': After & { readonly name: string; readonly result: Json; readonly lost?: readonly string[] }
  /** `retryAt` is when it runs again; null means that the code is told. */
  'step.failed': After & { readonly name: string; readonly error: RecordedError; readonly retryAt: number | null }
  /** `asked` is the fingerprint of the definition's name and the input. */
  'child.started': After & { readonly name: string; readonly runId: string; readonly asked: Digest }
  'child.ended': { readonly runId: string; readonly ending: ChildEnding; readonly totals: Totals }
  /** `ms` is what was asked for; absent in the first format. */
  'timer.set': After & { readonly until: number; readonly ms?: number }
  'timer.fired': { readonly until: number }
  /** `id` is the sender's: a second message of one id is not heard. */
  'message.received': Message
  /** `branch` of so many (`of`, absent in the first format), from 0. */
  'race.won': After & { readonly branch: number; readonly of?: number }
  /**
   * From here on the model reads the conversation with these edits: what they replaced stays in the journal. `window`: the
   * next request would not have fitted; `threshold`: it was to be shorter, and that pays. A summary says by whom it was
   * written, of which request (`asked`), and what it was charged.
   */
  'history.compacted': {
    readonly way: 'trim' | 'summary' | 'function'
    readonly why: 'window' | 'threshold'
    readonly edits: readonly HistoryEdit[]
    readonly estimate: CompactionEstimate
    readonly asked?: Digest
    readonly model?: string
    readonly spent?: Spent
  }
  'run.waiting': { readonly waiting: Waiting }
  'run.quarantined': { readonly reason: string }
  /**
   * At the key of a child run: instead of `from` the run goes on with `to`, a fork of it, since `by` says so. From then on
   * that is its child.
   */
  'run.rewound': { readonly from: string; readonly to: string; readonly by: string }
  /** `by` has looked at a run in quarantine, and put it back. */
  'run.released': { readonly by: string }
  /** `continuedAs` is the run that goes on in its place, and `asked` the fingerprint of its input. */
  'run.completed': After & { readonly output: Json; readonly continuedAs?: string; readonly asked?: Digest }
  /**
   * A run that was not begun, or had not ended, in time has failed with the code `run_expired` or `run_deadline`, whatever its
   * code would do; `text` and `spent` are then those of `run.cancelled`.
   */
  'run.failed': After & {
    readonly outcome: FailureKind
    readonly error: RecordedError
    readonly text?: string
    readonly spent?: Spent
  }
  /** `text` is what the model had said by then of a reply that was under way, and `spent` what that may have cost. */
  'run.cancelled': { readonly reason: string; readonly text?: string; readonly spent?: Spent }
}

/** The kinds of entry. */
export type EntryKind = keyof EntryBodies

/** Where an entry stands in its run. */
export interface EntryPlace {
  /** From 0, without gaps. */
  readonly seq: number
  /** Scope and name (invariant 3): `agent:1/turn:3/call:0`. */
  readonly key: string
  /** The number of the try that this entry belongs to, from 1. */
  readonly attempt: number
  /** Milliseconds since 1970 on the clock of the process that wrote it. */
  readonly at: number
  /** Of the body's stored text. */
  readonly digest: Digest
}

/** One recorded fact of a run, decoded. */
export type Entry = { [K in EntryKind]: EntryPlace & { readonly kind: K; readonly body: EntryBodies[K] } }[EntryKind]

/** The entry of one kind. */
export type EntryOf<K extends EntryKind> = Extract<Entry, { kind: K }>

/** An entry that is about to be written: it has no place yet. */
export type Draft = {
  [K in EntryKind]: { readonly kind: K; readonly key: string; readonly attempt: number; readonly body: EntryBodies[K] }
}[EntryKind]
