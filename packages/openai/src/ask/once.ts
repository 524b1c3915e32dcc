import { ModelError, type ModelEvent, type ModelReply } from '@reprise/core'
import { isEventStream, isJson, notTheApi, streamCut } from '../errors/bad-reply.ts'
import type { Exchange } from './ask.ts'
import { contextOf, type Dialect, type Reading, type ReplyContext, sendOptions } from './dialect.ts'
import { readEvents } from './events.ts'
import { limitsOf } from './limits.ts'

/** Asks, and hears the reply out. */
export async function* once<Body>(
  dialect: Dialect<Body>,
  exchange: Exchange,
): AsyncGenerator<ModelEvent, void, undefined> {
  const { stream } = exchange.settings
  const response = await send(dialect, exchange, stream)
  yield* limitsTold(response)
  const context = contextOf(exchange, response)
  // Some servers answer in one piece whatever they are asked for.
  if (stream && !isJson(response)) yield* hear(dialect, exchange, response, context)
  else yield { kind: 'reply', reply: await readWhole(dialect, exchange, response, context) }
}

/** Sends the request; the SDK throws where the answer is an error. */
export async function send<Body>(dialect: Dialect<Body>, exchange: Exchange, stream: boolean): Promise<Response> {
  return dialect.send(exchange.connected.client, await dialect.body(exchange), stream, sendOptions(exchange))
}

/** What an answer's headers say of the service's limits. */
export function* limitsTold(response: Response): Generator<ModelEvent> {
  const limits = limitsOf(response.headers)
  if (limits) yield { kind: 'limits', limits }
}

/**
 * Hears a stream: words as they come, then the whole reply. It is read to its end although the reply is there before,
 * so that the connection can be used again.
 */
export async function* hear<Body>(
  dialect: Dialect<Body>,
  { connected: { client }, signal, heard }: Exchange,
  response: Response,
  context: ReplyContext,
): AsyncGenerator<ModelEvent, void, undefined> {
  if (!isEventStream(response)) throw notTheApi(dialect.name, client.baseURL, response)
  const reading = dialect.reading(context)
  let replied = false
  try {
    for await (const events of readEvents(response)) {
      for (const event of events) {
        if (replied) break
        signal.throwIfAborted()
        const told = reading.take(event)
        if (!told) continue
        replied = told.kind === 'reply'
        yield told
      }
      if (reading.started) heard()
    }
  } catch (error) {
    // Where the connection broke after all was said, it is a reply; what the service itself said is not undone.
    if (!replied && (signal.aborted || error instanceof ModelError || !reading.whole)) throw error
  }
  if (replied) return
  signal.throwIfAborted()
  const told = ending(reading)
  if (!told) throw streamCut(client.baseURL, context.requestId)
  yield told
}

function ending(reading: Reading): ModelEvent | undefined {
  return reading.whole ? { kind: 'reply', reply: reading.end() } : undefined
}

async function readWhole<Body>(
  dialect: Dialect<Body>,
  { connected: { client } }: Exchange,
  response: Response,
  context: ReplyContext,
): Promise<ModelReply> {
  // The SDK's own reading of the body trips over what is not the API's.
  const body: unknown = isJson(response) ? await response.json() : undefined
  const reply = dialect.whole(body, context)
  if (!reply) throw notTheApi(dialect.name, client.baseURL, response)
  return reply
}
