import type { Finish, Item, Usage } from '@reprise/core'
import type { NotTaken } from '../read/report.ts'
import type { AskedWith } from '../say/exchange.ts'

/**
 * A format of recordings: traces of the OpenAI Agents SDK, chat completions as JSON Lines, runs of LangSmith, or spans and
 * events of OpenTelemetry's conventions for generative AI.
 */
export type RecordedFormat = 'agents-trace' | 'chat-jsonl' | 'langsmith' | 'otel-genai'

/** One reply of a model in a conversation: which of its items it is, and what was recorded of it. */
export interface RecordedReply {
  /** The index of its first item. */
  readonly from: number
  /** The index after its last item: the same as `from` where the reply was empty. */
  readonly to: number
  /** What the model was asked with. */
  readonly asked: AskedWith
  /** The exact model that answered, by the service's name; absent where nobody recorded it. */
  readonly model?: string
  readonly finish: Finish
  /** The service's own word for why the reply ended, where `finish` is `other`. */
  readonly finishWord?: string
  /** Absent where nobody recorded it. */
  readonly usage?: Usage
  readonly responseId?: string
  /** Milliseconds since 1970: when the model was asked, and when it had answered. */
  readonly startedAt?: number
  readonly endedAt?: number
}

/** A conversation with a model as it was recorded elsewhere. */
export interface RecordedConversation {
  /** After its session, trace or line: 1 to 200 printable characters without spaces, another one for each of a file. */
  readonly id: string
  readonly source: RecordedFormat
  /** Where the file has its first exchange. */
  readonly where: string
  /** What the model was asked with at first: its name, instructions, tools, settings, and the agent's name where one is known. */
  readonly asked: AskedWith
  /** All that was said, from the first word of the user on, as far as it can be said here. */
  readonly items: readonly Item[]
  /** In their order. All items of replies are of one. */
  readonly replies: readonly RecordedReply[]
  /** The ids of calls whose tools failed, as far as that was recorded. */
  readonly failed: readonly string[]
  /** Milliseconds since 1970; absent where no time was recorded. */
  readonly startedAt?: number
  readonly endedAt?: number
  /** What whoever recorded it had written beside it. */
  readonly metadata: Readonly<Record<string, unknown>>
  /** What of it could not be taken. */
  readonly notTaken: readonly NotTaken[]
}
