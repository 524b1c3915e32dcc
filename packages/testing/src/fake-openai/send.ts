import type { ServerResponse } from 'node:http'
import { ApiError } from './api-error.ts'
import { eventsOf } from './events.ts'
import { finishedResponse, type ResponseParts } from './response.ts'
import type { FakeError } from './script.ts'

/** Sends a JSON answer. */
export function sendJson(
  to: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(JSON.stringify(body))
  to.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers }).end(bytes)
}

/** Sends an error answer. */
export function sendError(to: ServerResponse, error: ApiError): void {
  sendJson(to, error.status, error.body, error.headers)
}

/** The error that a script asked for, with the platform's defaults. */
export function scriptedError({ status, retryAfter, message, headers, code, type }: FakeError): ApiError {
  return new ApiError(message ?? `The script answered with ${status}.`, {
    status,
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
    headers: { ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }), ...headers },
  })
}

/** Sends a response in one piece, or breaks off in its middle. */
export function sendWhole(to: ServerResponse, parts: ResponseParts): void {
  const { cut, cutBy } = parts.reply
  if (cut === undefined) return sendJson(to, 200, finishedResponse(parts))
  if (cut === 0 && cutBy !== 'end') return void to.destroy()
  const text = JSON.stringify(finishedResponse(parts))
  to.writeHead(200, { 'content-type': 'application/json' })
  breakOff(to, [text.slice(0, text.length / 2)], cutBy)
}

/** Streams a response as server-sent events, or breaks off after some of them. */
export function sendStream(to: ServerResponse, parts: ResponseParts): void {
  const { cut, cutBy } = parts.reply
  if (cut === 0 && cutBy !== 'end') return void to.destroy()
  to.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  const events = [...eventsOf(parts)].map((event, number) => {
    return `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: number })}\n\n`
  })
  if (cut !== undefined && cut < events.length) return breakOff(to, events.slice(0, cut), cutBy)
  for (const event of events) to.write(event)
  to.end()
}

function breakOff(to: ServerResponse, sent: readonly string[], by: 'reset' | 'end' = 'reset'): void {
  if (by === 'end') return void to.end(sent.join(''))
  // The bytes leave before the connection is torn down.
  to.write(sent.join(''), () => to.destroy())
}
