import type {
  AgentEdit,
  AgentSnapshot,
  ChildEnding,
  Effects,
  FailureKind,
  RecordedError,
  RunFormat,
  Waiting,
} from '../../contracts/entry.ts'
import type { CallItem, InputPart, Item, UserItem } from '../../contracts/item.ts'
import type { Rewound } from '../../contracts/rewound.ts'
import type { Used } from '../../contracts/totals.ts'
import type { Digest } from '../../values/digest.ts'
import type { Json } from '../../values/json.ts'
import type { Counts } from './counts.ts'
import type { Memory } from './facts.ts'
import type { Log } from './log.ts'
import type { CutResult } from './cut-result.ts'

/** How a run ended. */
export type Ending =
  /** `continuedAs` is the run that goes on in its place. */
  | { readonly kind: 'completed'; readonly output: Json; readonly continuedAs?: string }
  | { readonly kind: FailureKind; readonly error: RecordedError; readonly text?: string }
  | { readonly kind: 'cancelled'; readonly reason: string; readonly text?: string }

/** Where one call of the current reply stands. */
export type CallStage =
  /** Not run yet, or to be run again at `retryAt`; `judged` when there is a verdict that allows it. */
  | { readonly kind: 'open'; readonly judged: boolean; readonly attempt: number; readonly retryAt: number | null }
  /** Somebody must allow these arguments. */
  | {
      readonly kind: 'unapproved'
      readonly attempt: number
      readonly callDigest: Digest
      readonly tool: Digest
      readonly until: number | null
      /** How many people must allow them, and who has so far. */
      readonly approvers: number
      readonly by: readonly string[]
    }
  /** Somebody is to answer it. */
  | {
      readonly kind: 'asked'
      readonly attempt: number
      readonly callDigest: Digest
      readonly until: number | null
      /** The fingerprint of the call that they are asked about, where they are. */
      readonly of: Digest | null
    }
  /** A `once` call whose intent is written; `owner` is whose intent it is, where that is recorded. */
  | { readonly kind: 'intended'; readonly attempt: number; readonly owner: string | null }
  /** A `once` call that may or may not have happened; `asked` when its tool does not know. */
  /** `running` names the owner that still ran it then. */
  | { readonly kind: 'doubted'; readonly attempt: number; readonly asked: boolean; readonly running: string | null }
  /** Not run, since its run may only read: `what` is more. */
  | { readonly kind: 'blocked'; readonly what: string }
  /** A summary for the handoff is asked for again at `retryAt`; `pending` is as of a model that is asked. */
  | {
      readonly kind: 'summarising'
      readonly attempt: number
      readonly retryAt: number | null
      readonly pending: string | null
    }
  /** The summary is there, and the handoff is not made yet. */
  | { readonly kind: 'summarised'; readonly text: string }
  /** `told` is what the model hears; `ok` when the tool returned. */
  | {
      readonly kind: 'settled'
      readonly ok: boolean
      readonly told: string
      /** What the model is shown beside that. */
      readonly parts?: readonly InputPart[]
    }

/** A verdict that allows a call, as it is recorded. */
export interface CallVerdict {
  /** Whether somebody must allow it too. */
  readonly approval: boolean
  /** The fingerprint of the call that it is on, where that is said. */
  readonly callDigest?: Digest
  /** What the call is given, where that is not what the model gave. */
  readonly input?: Json
}

/** One call of the current reply. */
export interface CallState {
  readonly call: CallItem
  readonly key: string
  readonly stage: CallStage
  /** Null before it is judged, and always in a journal of the first format. */
  readonly verdict: CallVerdict | null
  /** Whether its effect may have happened, and nobody has said that it did not. */
  readonly begun: boolean
  /** The ask that somebody has allowed, and of which tool; null where nobody has. */
  readonly approved: { readonly attempt: number; readonly tool: Digest } | null
  /** Whether its effect may have happened in an attempt that failed. */
  readonly ran: boolean
  /** How often somebody was asked to allow it. */
  readonly asks: number
  /** There where somebody has allowed it with other arguments. */
  readonly edited: EditedCall | null
}

/** A call with the arguments with which somebody has allowed it. */
export interface EditedCall {
  /** What runs. */
  readonly call: CallItem
  readonly by: string
  /** What the model is told before the result. */
  readonly told: string
}

/** What a run does next, as its journal has it so far. */
export type Phase =
  /** Nothing is recorded. */
  | { readonly kind: 'new' }
  /** The model is to be asked, for the first time or again at `retryAt`. */
  | {
      readonly kind: 'asking'
      readonly attempt: number
      readonly retryAt: number | null
      /** The response that the service has accepted and that was not heard to its end. */
      readonly pending: string | null
    }
  /** The model's service failed for good. */
  | { readonly kind: 'unanswered'; readonly error: RecordedError }
  /** The reply's calls are on their way. */
  | { readonly kind: 'calling'; readonly calls: readonly CallState[] }
  /** The reply is words alone. */
  | { readonly kind: 'answered'; readonly text: string }
  /** The model would not, or could not, say it all. */
  | {
      readonly kind: 'stopped'
      readonly outcome: 'refused' | 'incomplete'
      readonly text: string
      readonly why: 'refusal' | 'length' | 'content-filter' | 'other'
      /** The service's own word for why the reply ended, where it is not known here. */
      readonly word?: string
    }
  /** What was to be answered was heard by the turn before, and answered there. */
  | { readonly kind: 'heard'; readonly ending: ChildEnding }
  | {
      readonly kind: 'ended'
      readonly ending: Ending
      /** The calls of its last reply that had not all come to their ends. */
      readonly left?: readonly CallState[]
      /** What the model had said of a reply that was under way. */
      readonly cut?: string
    }

/** The agent that holds the run. */
export interface Holder extends AgentSnapshot {
  /** Its index among those that have held the run, from 0. */
  readonly ordinal: number
  /** Its turn that is asked now or was asked last, from 0. */
  readonly turn: number
  /** Whether it has called anything since it took the run. */
  readonly called: boolean
}

/** How the turn of a session has ended that another goes on from. */
export interface Before {
  readonly runId: string
  /** As far as that turn and those before it say. */
  readonly state: AgentState
}

/** An agent run as its journal tells it. */
export interface AgentState {
  /** What its entries mean. */
  readonly format: RunFormat
  readonly phase: Phase
  readonly items: Log<Item>
  /** The texts of which the model was told a part, and can read on, in the order in which they came. */
  readonly cuts: readonly CutResult[]
  /** How long the conversation was when its tokens were known last, with all that is sent beside it, and how many they were. */
  readonly measured: { readonly tokens: number; readonly length: number } | null
  /**
   * The next attempt to make the conversation shorter before it is asked: given up where no summary came. Null once that is
   * done for this turn.
   */
  readonly compacting: { readonly attempt: number; readonly retryAt: number | null; readonly givenUp: boolean } | null
  /**
   * What the next request is known by: the fingerprint of the last one, and after it the digests of the entries that
   * the conversation and its holder have grown by since.
   */
  readonly requestChain: string
  readonly holder: Holder | null
  /** How the turn has ended that this one is to go on from; null once it does, and where there is none. */
  readonly before: AgentState | null
  /** The names of the memories that were read: what is known stands in the conversation. */
  readonly memoriesRead: readonly string[]
  /** What users said while calls were under way: it is put after their results. */
  readonly said: readonly UserItem[]
  /** The later turns whose words were heard, and how the run ended that heard them; null while it goes on. */
  readonly heard: readonly { readonly run: string; readonly ending: ChildEnding | null }[]
  readonly context: Json
  readonly effects: Effects
  /** How many runs are above it. */
  readonly depth: number
  /** How agents were made to go on where the run was forked. */
  readonly edits: readonly AgentEdit[]
  /** The child runs that calls go on with instead of those that they began, by the keys of the calls. */
  readonly rewound: readonly Rewound[]
  /** The seq of the newest entry; -1 before the first. */
  readonly seq: number
  /** Of the newest entry; '' before the first. */
  readonly digest: Digest
  readonly totals: Used
  /** Replies by agent name. */
  readonly turnsBy: Counts
  /** Replies in the runs below it, as far as they count towards a limit. */
  readonly turnsBelow: number
  /** How many turns it may have, with those below it, as its caller had left; null where that says nothing. */
  readonly turnsLeft: number | null
  /** Handoffs by the name of the agent that made them. */
  readonly handoffsBy: Counts
  /** How often each tool has returned. */
  readonly returned: Counts
  /** How often the effect of each tool may have happened, by the calls that are settled. */
  readonly ran: Counts
  /** What the calls that have returned were given and gave, for rules that look at it. */
  readonly memory: Memory
  /** The fingerprints of the calls that a user has said yes to before the current reply, and not no since: each of its tool and its arguments. */
  readonly confirmed: readonly Digest[]
  /** Those of the current reply: they count once all of its calls are settled, however long the others take. */
  readonly confirming: readonly Digest[]
  /** When the newest entry was written, in milliseconds since 1970. */
  readonly at: number
  /** Answers sent back in a row. */
  readonly repairs: number
  /** Why it rests, once that is written and until the reason is gone. */
  readonly waiting: Waiting | null
}
