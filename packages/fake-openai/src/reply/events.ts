import type { FakeFailure } from '../script/script.ts'
import { type WireEvent, itemEvents } from './item-events.ts'
import { begunResponse, finishedResponse, queuedResponse, type ReplyParts } from './response.ts'

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
