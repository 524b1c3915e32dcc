import type { ModelEvent, ModelReply } from '@reprise/core'
import type { OpenAI } from 'openai'
import type { PriceContext } from '../catalog/reply-cost.ts'
import type { Exchange } from './exchange.ts'

/** What is known about a reply besides its body. */
export interface ReplyContext extends PriceContext {
  readonly requestId: string | undefined
  /** Whether the service goes on with the reply when nobody listens. */
  readonly accepted: boolean
}

/** A stream being read. */
export interface Reading {
  /** Whether something of the reply itself has come. */
  readonly started: boolean
  /**
   * What an event tells; undefined is the agreed end of all events.
   *
   * @throws ModelError where it tells of a failure.
   */
  take(event: unknown): ModelEvent | undefined
  /** Whether all was said, where it is not an event that says so with the reply. */
  readonly whole: boolean
  /**
   * The reply that is whole.
   *
   * @throws ModelError where it says nothing.
   */
  end(): ModelReply
}

/** What a request may be told beside its body. */
export interface SendOptions {
  readonly signal: AbortSignal
  readonly maxRetries: number
  readonly timeout: number
}

/** One of the two APIs. */
export interface Dialect<Body = unknown> {
  /** As messages call it. */
  readonly name: string
  /** The request, but for whether it is streamed. */
  body(exchange: Exchange): Promise<Body>
  send(client: OpenAI, body: Body, stream: boolean, options: SendOptions): Promise<Response>
  /**
   * A reply in one piece; undefined where it is none of this API.
   *
   * @throws ModelError where the reply failed.
   */
  whole(body: unknown, context: ReplyContext): ModelReply | undefined
  reading(context: ReplyContext): Reading
  /** The reply that an error answer holds, where it tells of the model's own mistake; undefined where it does not. */
  mistaken?(thrown: unknown, context: ReplyContext): ModelReply | undefined
}

/** The SDK's own limit stands aside: those of `timeouts` and of the transport hold. */
const NEVER_MS = 2 ** 31 - 1

/** What each request is told: no retries, which are the runtime's. */
export function sendOptions({ signal }: Exchange): SendOptions {
  return { signal, maxRetries: 0, timeout: NEVER_MS }
}

/** What is known about the reply to an exchange. */
export function contextOf(
  { request, model, settings }: Exchange,
  response: Response | undefined,
  accepted = false,
): ReplyContext {
  const requestId = response?.headers.get('x-request-id') ?? undefined
  return { requestId, request, model, prices: settings.prices, accepted }
}
