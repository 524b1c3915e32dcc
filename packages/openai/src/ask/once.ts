import { ModelError, type ModelEvent, type ModelReply } from '@reprise/core'
import { shownUrl } from '../connect/shown-url.ts'
import { notTheApi, streamCut } from '../errors/bad-reply.ts'
import type { Exchange } from '../dialect/exchange.ts'
import { contextOf, type Dialect, type Reading, type ReplyContext, sendOptions } from '../dialect/dialect.ts'
import { readEvents } from './events.ts'
import { limitsOf } from './limits.ts'
import { shapeOf } from './shape.ts'

/** Asks, and hears the reply out. */
export async function* once<Body>(
  dialect: Dialect<Body>,
  exchange: Exchange,
): AsyncGenerator<ModelEvent, void, undefined> {
  let response: Response
  try {
    response = await send(dialect, exchange, exchange.settings.stream)
  } catch (thrown) {
    const reply = dialect.mistaken?.(thrown, contextOf(exchange, undefined))
    if (!reply) throw thrown
    yield { kind: 'reply', reply }
    return
  }
  yield* limitsTold(response)
  const context = contextOf(exchange, response)
  // Some servers answer in one piece, or in events, whatever they are asked for.
  if ((await shapeOf(response)) === 'events') yield* hear(dialect, exchange, response, context)
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
  if (!told) throw streamCut(shownUrl(client.baseURL), context.requestId)
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
  const body = await readJson(response)
  const reply = dialect.whole(body, context)
  if (!reply) throw notTheApi(dialect.name, shownUrl(client.baseURL), response)
  return reply
}

/**
 * Reads a body in one piece, which the SDK's own reading trips over where it is not the API's.
 *
 * @returns undefined where it is no JSON by its type or its beginning.
 * @throws SyntaxError where it begins as JSON and breaks off.
 */
export async function readJson(response: Response): Promise<unknown> {
  return (await shapeOf(response)) === 'whole' ? response.json() : undefined
}
