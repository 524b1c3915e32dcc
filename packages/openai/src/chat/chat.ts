import type { ChatCompletion } from 'openai/resources/chat/completions'
import type { Dialect } from '../ask/dialect.ts'
import { type EventFailure, eventError } from '../errors/event-error.ts'
import { ChatReading } from './reading.ts'
import { saidBy, toReply } from './reply.ts'
import { type ChatBody, toBody } from './request.ts'

/** Chat Completions: OpenAI's, and what Ollama, vLLM, llama.cpp and others speak. */
export const chat: Dialect<ChatBody> = {
  name: 'Chat Completions',
  body: async (exchange) => toBody(exchange),
  send: (client, body, stream, options) =>
    client.chat.completions
      .create({ ...body, stream, ...(stream && { stream_options: { include_usage: true } }) }, options)
      .asResponse(),
  whole: (body, context) => {
    if (isFailure(body)) throw eventError(body.error, context.requestId)
    return isCompletion(body) ? toReply(saidBy(body), context) : undefined
  },
  reading: (context) => new ChatReading(context),
}

function isCompletion(body: unknown): body is ChatCompletion {
  return typeof body === 'object' && body !== null && 'choices' in body && Array.isArray(body.choices)
}

/** Some servers tell of a failure with status 200. */
function isFailure(body: unknown): body is { readonly error: EventFailure } {
  return typeof body === 'object' && body !== null && 'error' in body && Boolean(body.error)
}
