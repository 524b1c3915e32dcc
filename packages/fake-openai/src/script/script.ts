import type { Finish, JsonObject } from '@reprise/core'
import type { FaultKind } from './fault-kinds.ts'
import type { ResponsesBody } from './body.ts'

/** Where a request came from and what it costs: a request of its own, or a line of a batch at half the price. */
export type FakeLane = 'live' | 'batch'

/** What a script of the fake is asked: one right request. */
export interface FakeAsk {
  /**
   * The request in the words of the Responses API, whichever API it came by, with the whole conversation also where it
   * goes on from an earlier response.
   */
  readonly body: ResponsesBody
  /** Which right request to this server this is, from 1. */
  readonly n: number
  /** Which of the replies that one request of Chat Completions asks for (`n`), from 0. */
  readonly choice: number
  /** The model's name as it was asked for. */
  readonly model: string
  readonly headers: Readonly<Record<string, string>>
  readonly api: 'responses' | 'chat'
  readonly lane: FakeLane
}

/** An error answer. */
export interface FakeError {
  readonly status: number
  readonly code?: string
  readonly type?: string
  readonly message?: string
  /** The `retry-after` header: seconds, or the text of the header. */
  readonly retryAfter?: number | string
  /** More headers: `retry-after-ms`, `x-should-retry`. */
  readonly headers?: Readonly<Record<string, string>>
  /** The whole body, where it is not the platform's JSON: what a proxy on the way says. */
  readonly html?: string
}

/** A failure inside a reply that has begun. */
export interface FakeFailure {
  readonly code: string
  readonly message: string
  /** How a stream of the Responses API tells it. @default 'response.failed' */
  readonly event?: 'response.failed' | 'error'
}

/** A call that a script makes. */
export interface FakeCall {
  readonly name: string
  /** Text goes out as it stands: malformed, or what a custom tool is given. @default {} */
  readonly arguments?: string | JsonObject
  /** @default an id that follows from the request, so that the same request gets the same one */
  readonly callId?: string
}

/**
 * A reply: text, then a refusal, then calls, whichever are there; with none of them it is empty. Its delivery may break,
 * and it is cut at the request's `max_output_tokens`. The replies of `scriptedModel` in `@reprise/testing` are some, too.
 */
export interface FakeReply {
  readonly text?: string
  readonly refusal?: string
  readonly calls?: readonly FakeCall[]
  /** @default 'stop' */
  readonly finish?: Finish
  /** In how many pieces the text is streamed. @default word by word */
  readonly deltas?: number
  /**
   * Items of the Responses API that stand before the words: reasoning, calls of hosted tools, a message with citations.
   * They go out as they stand, an id and what is encrypted of reasoning are filled in; Chat leaves them out.
   */
  readonly items?: readonly JsonObject[]
  /** Tokens of reasoning, which count and cost as output. @default 0 */
  readonly reasoningTokens?: number
  /** How long the first byte takes on the fake's clock: the work of a background response or of a batch's line. @default 0 */
  readonly delayMs?: number
  /**
   * Breaks off after so many events (0: before any byte), or so many before the end where it is negative; a reply that
   * is not streamed breaks off in its middle.
   */
  readonly cut?: number
  /** How it breaks off: the connection is reset, ends as if all were well, or stays open and silent. @default 'reset' */
  readonly cutBy?: 'reset' | 'end' | 'stall'
  /** The reply fails after what else it says. */
  readonly failure?: FakeFailure
  /** Spoils the reply, or puts an error in its place. */
  readonly fault?: FaultKind
}

/** What the fake does with a request: replies, refuses, or keeps silent until the client leaves. */
export type FakeAnswer = FakeReply | { readonly error: FakeError } | { readonly hang: true }

/** Answers each right request. */
export type FakeScript = (ask: FakeAsk) => FakeAnswer | Promise<FakeAnswer>
