import type { OpenAI } from 'openai'
import type { ChatCompletion } from 'openai/resources/chat/completions'
import type { Dialect, SendOptions } from '../dialect/dialect.ts'
import { type EventFailure, eventError } from '../errors/event-error.ts'
import { mistakenCall } from './mistaken-call.ts'
import { ChatReading } from './reading.ts'
import { saidBy, toReply } from './reply.ts'
import { type ChatBody, toBody } from './request.ts'

/** Chat Completions: OpenAI's, and what Ollama, vLLM, llama.cpp and others speak. */
export const chat: Dialect<ChatBody> = {
  name: 'Chat Completions',
  body: async (exchange) => toBody(exchange),
  send,
  whole: (body, context) => {
    if (isFailure(body)) throw eventError(body.error, context.requestId)
    return isCompletion(body) ? toReply(saidBy(body, context), context) : undefined
  },
  reading: (context) => new ChatReading(context),
  mistaken: mistakenCall,
}

/** The clients whose servers refuse to be asked for the usage of a stream. */
const uncounted = new WeakSet<OpenAI>()

/** A server that refuses to be asked for the usage of a stream is asked without, once and from then on. */
async function send(client: OpenAI, body: ChatBody, stream: boolean, options: SendOptions): Promise<Response> {
  const ask = (counted: boolean): Promise<Response> =>
    client.chat.completions
      .create({ ...body, stream, ...(counted && { stream_options: { include_usage: true } }) }, options)
      .asResponse()
  const counted = stream && !uncounted.has(client)
  try {
    return await ask(counted)
  } catch (error) {
    if (!counted || !refusesCount(error)) throw error
    const response = await ask(false)
    uncounted.add(client)
    return response
  }
}

function refusesCount(error: unknown): boolean {
  if (!(error instanceof Error) || !('status' in error)) return false
  return (error.status === 400 || error.status === 422) && /stream_options|include_usage/.test(error.message)
}

function isCompletion(body: unknown): body is ChatCompletion {
  return typeof body === 'object' && body !== null && 'choices' in body && Array.isArray(body.choices)
}

/** Some servers tell of a failure with status 200. */
function isFailure(body: unknown): body is { readonly error: EventFailure } {
  return typeof body === 'object' && body !== null && 'error' in body && Boolean(body.error)
}
