import { piecesOf } from '../scripted-reply.ts'
import { begunResponse, finishedResponse, type ResponseParts, type WireItem, type WirePart } from './response.ts'

/** An event of a stream, without its number. */
export interface WireEvent {
  readonly type: string
  readonly [field: string]: unknown
}

/** The events of a streamed response, in the platform's order. */
export function* eventsOf(parts: ResponseParts): Generator<WireEvent, void, undefined> {
  const begun = begunResponse(parts)
  const finished = finishedResponse(parts)
  const { failure, deltas } = parts.reply
  yield { type: 'response.created', response: begun }
  yield { type: 'response.in_progress', response: begun }
  for (const [index, item] of finished.output.entries()) yield* itemEvents(item, index, deltas)
  if (failure?.event === 'error') yield { type: 'error', code: failure.code, message: failure.message, param: null }
  else yield { type: `response.${finished.status}`, response: finished }
}

function* itemEvents(item: WireItem, index: number, deltas: number | undefined): Generator<WireEvent, void, undefined> {
  const at = { output_index: index }
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

/** Word by word where nothing else is said. */
function pieces(text: string, count: number | undefined): readonly string[] {
  return count === undefined ? (text.match(/\s*\S+|\s+$/g) ?? []) : piecesOf(text, count)
}
