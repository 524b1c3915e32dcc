import type { ServerResponse } from 'node:http'
import type { FakeError, FakeReply } from '../script/script.ts'
import { ApiError } from './api-error.ts'
import { endProcessing } from './processing.ts'

/** Sends a JSON answer. */
export function sendJson(
  to: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendBytes(to, status, 'application/json', JSON.stringify(body), headers)
}

/** Sends an answer of any type, whole: one that is text leaves with its headers in one piece. */
export function sendBytes(
  to: ServerResponse,
  status: number,
  contentType: string,
  bytes: Buffer | string,
  headers: Readonly<Record<string, string>> = {},
): void {
  endProcessing(to)
  const length = Buffer.byteLength(bytes)
  to.writeHead(status, { 'content-type': contentType, 'content-length': length, ...headers }).end(bytes)
}

/** Sends an error answer. */
export function sendError(to: ServerResponse, { status, html, body, headers }: ApiError): void {
  if (html === undefined) sendJson(to, status, body, headers)
  else sendBytes(to, status, 'text/html', html, headers)
}

/** The error that a script asked for, with the platform's defaults. */
export function scriptedError({ status, retryAfter, message, headers, code, type, html }: FakeError): ApiError {
  return new ApiError(message ?? `The script answered with ${status}.`, {
    status,
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
    ...(html === undefined ? {} : { html }),
    headers: { ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }), ...headers },
  })
}

/** How a reply is broken off. */
type Cut = Pick<FakeReply, 'cut' | 'cutBy'>

/** Sends a reply in one piece, or breaks off in its middle. */
export function sendWhole(to: ServerResponse, reply: object, { cut, cutBy }: Cut): void {
  if (cut === undefined) return sendJson(to, 200, reply)
  if (cut === 0 && cutBy === undefined) return void to.destroy()
  const text = JSON.stringify(reply)
  endProcessing(to)
  to.writeHead(200, { 'content-type': 'application/json' })
  breakOff(to, text.slice(0, text.length / 2), cutBy)
}

/** Opens a stream of server-sent events. */
export function beginStream(to: ServerResponse): void {
  endProcessing(to)
  to.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
}

/** Streams server-sent events, or breaks off after some of them. */
export function sendStream(to: ServerResponse, events: readonly string[], { cut, cutBy }: Cut): void {
  if (cut === 0 && cutBy === undefined) return void to.destroy()
  if (!to.headersSent) beginStream(to)
  if (cut !== undefined && cut < events.length) return breakOff(to, events.slice(0, cut).join(''), cutBy)
  to.end(events.join(''))
}

function breakOff(to: ServerResponse, sent: string, by: Cut['cutBy'] = 'reset'): void {
  if (by === 'end') to.end(sent)
  else if (by === 'stall') to.write(sent)
  // The bytes leave before the connection is torn down.
  else to.write(sent, () => to.destroy())
}
