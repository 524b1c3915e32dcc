import type { AgentCard, Item, ModelReply, ReplyItem, ResultItem } from '@reprise/core'

/** What was said and cannot be an item: what follows it cannot be taken either. */
export interface Untaken {
  readonly kind: 'untaken'
  /** In words: `a sound`. */
  readonly what: string
}

/** An item of a recording. A result may say that its tool failed. */
export type Said = Exclude<Item, ResultItem> | (ResultItem & { readonly failed?: true }) | Untaken

/** What a model was asked with, beside the conversation. */
export interface AskedWith extends Omit<AgentCard, 'agent' | 'version'> {
  /** As the recording names it; absent where it names none. */
  readonly agent?: string
  readonly instructions: string
}

/** A reply as it was recorded. */
export interface SaidReply extends Omit<ModelReply, 'items' | 'model'> {
  readonly items: readonly (ReplyItem | Untaken)[]
  /** The exact model that answered, where it is known. */
  readonly model?: string
  /** There where the items are not what the model said, as a recorder that mixes up parallel calls leaves them. */
  readonly garbled?: true
}

/** One question to a model and its reply, as somebody recorded it. */
export interface Exchange {
  /** `line 3`, `line 3, span 00f067aa0ba902b7`. */
  readonly where: string
  /** Exchanges of one conversation are of one group: of a session, else of a trace. */
  readonly group: string
  /** What a conversation that begins with it is named after. */
  readonly id: string
  /** Milliseconds since 1970, where they are known. */
  readonly startedAt?: number | undefined
  readonly endedAt?: number | undefined
  readonly asked: AskedWith
  readonly request: readonly Said[]
  /** The response that the request goes on from, where it does not repeat the conversation. */
  readonly previous?: string | undefined
  /** Absent where none was recorded: the ask failed, or the conversation ends with the user or a tool. */
  readonly reply?: SaidReply | undefined
  /** The ids of calls whose tool is known to have failed. */
  readonly failed?: readonly string[]
  /** What of the question could not be taken, in words: a hosted tool. */
  readonly notes: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}
