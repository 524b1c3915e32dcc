import { pieces, piecesOf } from '../../scripted-reply.ts'
import type { FakeFailure } from '../script.ts'
import {
  begunResponse,
  finishedResponse,
  queuedResponse,
  type ReplyParts,
  type WireItem,
  type WirePart,
} from './response.ts'

/** An event of a stream, without its number. */
interface WireEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** The events of a streamed response as they are sent, in the platform's order and numbered from 0. */
export function streamOf(parts: ReplyParts): string[] {
  return [...eventsOf(parts)].map((event, number) => {
    return `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: number })}\n\n`
  })
}

/** How many events a background response sends before its work begins. */
export const QUEUED_EVENTS = 2

function* queued(parts: ReplyParts): Generator<WireEvent, void, undefined> {
  const response = queuedResponse(parts)
  yield { type: 'response.created', response }
  yield { type: 'response.queued', response }
}

function* eventsOf(parts: ReplyParts): Generator<WireEvent, void, undefined> {
  const begun = begunResponse(parts)
  const finished = finishedResponse(parts)
  const { failure, deltas } = parts.reply
  if (parts.body.background) yield* queued(parts)
  else yield { type: 'response.created', response: begun }
  yield { type: 'response.in_progress', response: begun }
  for (const [index, item] of finished.output.entries()) yield* itemEvents(item, index, deltas)
  if (failure?.event === 'error') yield errorEvent(failure)
  else yield { type: `response.${finished.status}`, response: finished }
}

/** The platform has the error inside the event, where its description has it flat. */
function errorEvent({ code, message }: FakeFailure): WireEvent {
  return { type: 'error', error: { type: code, code, message, param: null } }
}

function* itemEvents(item: WireItem, index: number, deltas: number | undefined): Generator<WireEvent, void, undefined> {
  const at = { output_index: index }
  if (item.type !== 'message' && item.type !== 'function_call') {
    yield { type: 'response.output_item.added', ...at, item }
    return yield { type: 'response.output_item.done', ...at, item }
  }
  const empty = item.type === 'message' ? { content: [] } : { arguments: '' }
  yield { type: 'response.output_item.added', ...at, item: { ...item, status: 'in_progress', ...empty } }
  const inside = { ...at, item_id: item.id }
  if (item.type === 'function_call') {
    for (const delta of piecesOf(item.arguments, Math.ceil(item.arguments.length / 16)))
      yield { type: 'response.function_call_arguments.delta', ...inside, delta }
    yield { type: 'response.function_call_arguments.done', ...inside, name: item.name, arguments: item.arguments }
  } else {
    for (const [part, content] of item.content.entries())
      yield* partEvents(content, { ...inside, content_index: part }, deltas)
  }
  yield { type: 'response.output_item.done', ...at, item }
}

function* partEvents(part: WirePart, at: object, deltas: number | undefined): Generator<WireEvent, void, undefined> {
  if (part.type === 'refusal') {
    yield { type: 'response.content_part.added', ...at, part: { ...part, refusal: '' } }
    for (const delta of pieces(part.refusal, deltas)) yield { type: 'response.refusal.delta', ...at, delta }
    yield { type: 'response.refusal.done', ...at, refusal: part.refusal }
  } else {
    yield { type: 'response.content_part.added', ...at, part: { ...part, text: '' } }
    for (const delta of pieces(part.text, deltas))
      yield { type: 'response.output_text.delta', ...at, delta, logprobs: [] }
    yield { type: 'response.output_text.done', ...at, text: part.text, logprobs: [] }
  }
  yield { type: 'response.content_part.done', ...at, part }
}
