import type { ModelEvent, ModelReply } from '@reprise/core'
import type {
  Response as WireResponse,
  ResponseCreateParamsBase,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses'
import type { Dialect, Reading, ReplyContext } from '../dialect/dialect.ts'
import { type EventFailure, eventError } from '../errors/event-error.ts'
import { toReply } from './reply.ts'
import { toBody } from './request.ts'

/** The Responses API. */
export const responses: Dialect<ResponseCreateParamsBase> = {
  name: 'the Responses API',
  body: toBody,
  send: (client, body, stream, options) => client.responses.create({ ...body, stream }, options).asResponse(),
  whole: (body, context) => (isResponse(body) ? toReply(body, context) : undefined),
  reading: (context) => new ResponsesReading(context),
}

/** Tells whether a body is a response of the API. */
export function isResponse(body: unknown): body is WireResponse {
  return typeof body === 'object' && body !== null && 'output' in body && Array.isArray(body.output)
}

/** Events that say how the response stands, and nothing of what it says. */
const standing = new Set(['response.created', 'response.queued', 'response.in_progress'])

class ResponsesReading implements Reading {
  readonly #context: ReplyContext
  readonly whole = false
  started = false

  constructor(context: ReplyContext) {
    this.#context = context
  }

  take(given: unknown): ModelEvent | undefined {
    // The last event says that it is the last: an agreed end says nothing more.
    if (given === undefined) return undefined
    const event = given as ResponseStreamEvent
    this.started ||= !standing.has(event.type)
    if (event.type === 'response.output_text.delta') return { kind: 'text', delta: event.delta }
    if (event.type === 'response.created')
      return this.#context.accepted ? { kind: 'accepted', responseId: event.response.id } : undefined
    if (event.type === 'response.completed' || event.type === 'response.incomplete' || event.type === 'response.failed')
      return { kind: 'reply', reply: toReply(event.response, this.#context) }
    if (event.type === 'error' || ('error' in event && event.error))
      throw eventError(failureOf(event), this.#context.requestId, this.#context.accepted)
    return undefined
  }

  end(): ModelReply {
    throw new Error('A reply of the Responses API comes with its last event.')
  }
}

/** Some servers put what failed into the event, some below it. */
function failureOf(event: object): EventFailure {
  return 'error' in event && event.error ? event.error : event
}
