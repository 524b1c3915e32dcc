import type { ModelEvent, ModelReply, ModelRequest } from '@reprise/core'
import type { OpenAI } from 'openai'
import type { Response, ResponseStreamEvent } from 'openai/resources/responses/responses'
import type { Price } from '../catalog/price.ts'
import { isEventStream, isJson, notResponses, streamCut } from '../errors/bad-reply.ts'
import { eventError } from '../errors/event-error.ts'
import { toModelError } from '../errors/model-error.ts'
import { type ReplyContext, toReply } from './reply.ts'
import { toBody } from './request.ts'

/** One ask: the question, and how it is put. */
export interface Ask {
  readonly connect: () => Promise<OpenAI>
  readonly request: ModelRequest
  readonly signal: AbortSignal
  readonly stream: boolean
  readonly prices: Readonly<Record<string, Price>>
}

/**
 * Asks the Responses API once.
 *
 * @throws ModelError, or the signal's reason once it has aborted.
 */
export async function* askResponses(ask: Ask): AsyncGenerator<ModelEvent, void, undefined> {
  const { connect, request, signal, stream } = ask
  signal.throwIfAborted()
  const client = await connect()
  const about = { url: client.baseURL, model: request.card.model }
  try {
    if (stream) yield* streamed(client, ask)
    else yield { kind: 'reply', reply: await whole(client, ask) }
  } catch (thrown) {
    // The SDK has errors of its own for an abort, and sometimes none.
    signal.throwIfAborted()
    throw toModelError(thrown, about)
  }
}

async function whole(client: OpenAI, { request, signal, prices }: Ask): Promise<ModelReply> {
  // The SDK's own reading of the body trips over what is not the API's.
  const response = await client.responses
    .create({ ...toBody(request), stream: false }, { signal, maxRetries: 0 })
    .asResponse()
  const data = isJson(response) ? ((await response.json()) as Response) : undefined
  if (!data || !Array.isArray(data.output)) throw notResponses(client.baseURL, response)
  return toReply(data, context(response, request, prices))
}

async function* streamed(
  client: OpenAI,
  { request, signal, prices }: Ask,
): AsyncGenerator<ModelEvent, void, undefined> {
  const { data: events, response } = await client.responses
    .create({ ...toBody(request), stream: true }, { signal, maxRetries: 0 })
    .withResponse()
  if (!isEventStream(response)) throw notResponses(client.baseURL, response)
  const about = context(response, request, prices)
  let replied = false
  try {
    // It is read to its end although the reply is there before, so that the connection can be used again.
    for await (const event of events) {
      if (replied) continue
      const told = read(event, about)
      if (told === undefined) continue
      replied = told.kind === 'reply'
      yield told
    }
  } catch (thrown) {
    if (!replied) throw thrown
  }
  if (!replied) throw streamCut(client.baseURL, about.requestId)
}

function read(event: ResponseStreamEvent, context: ReplyContext): ModelEvent | undefined {
  if (event.type === 'response.output_text.delta') return { kind: 'text', delta: event.delta }
  if (event.type === 'error') throw eventError(event, context.requestId)
  if (event.type === 'response.failed') throw eventError(event.response.error, context.requestId)
  if (event.type === 'response.completed' || event.type === 'response.incomplete')
    return { kind: 'reply', reply: toReply(event.response, context) }
  return undefined
}

function context(response: globalThis.Response, request: ModelRequest, prices: Ask['prices']): ReplyContext {
  return { requestId: response.headers.get('x-request-id') ?? undefined, asked: request.card.model, prices }
}
