import type { ScriptedReply } from '../scripted-reply.ts'
import type { ResponsesBody } from './body.ts'

/** What a script of the fake is asked: one right request. */
export interface FakeAsk {
  readonly body: ResponsesBody
  /** Which right request to this server this is, from 1. */
  readonly n: number
  /** The model's name as it was asked for. */
  readonly model: string
  readonly headers: Readonly<Record<string, string>>
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
}

/** A failure inside a reply that has begun. */
export interface FakeFailure {
  readonly code: string
  readonly message: string
  /** How a stream tells it. @default 'response.failed' */
  readonly event?: 'response.failed' | 'error'
}

/** A reply whose delivery may break. */
export interface FakeReply extends ScriptedReply {
  /** Breaks off after so many events (0: before any byte); a reply that is not streamed breaks off in its middle. */
  readonly cut?: number
  /** How it breaks off: the connection is reset, or ends as if all were well. @default 'reset' */
  readonly cutBy?: 'reset' | 'end'
  /** The reply fails after what else it says. */
  readonly failure?: FakeFailure
}

/** What the fake does with a request: replies, refuses, or keeps silent until the client leaves. */
export type FakeAnswer = FakeReply | { readonly error: FakeError } | { readonly hang: true }

/** Answers each right request. */
export type FakeScript = (ask: FakeAsk) => FakeAnswer | Promise<FakeAnswer>
