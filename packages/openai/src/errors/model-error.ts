import { messageOf, ModelError } from '@reprise/core'
import { streamCut } from './bad-reply.ts'
import { type EventFailure, eventError } from './event-error.ts'
import { oneLine } from './one-line.ts'
import { type Asked, statusError, type StatusFailure } from './status-error.ts'

/**
 * The shape of the SDK's API errors, told apart by what they carry and not by their class: a client of the user's may
 * come from another copy of the SDK.
 * With a status: an error answer. With headers alone: an error inside a stream. With neither: no answer at all.
 */
interface SdkFailure extends Error {
  readonly status: number | undefined
  readonly headers: Headers | undefined
  readonly error: unknown
}

/** Any failure of an ask as a ModelError. */
export function toModelError(thrown: unknown, asked: Asked): ModelError {
  if (thrown instanceof ModelError) return thrown
  if (!(thrown instanceof Error)) return unknown(thrown, asked)
  // The SDK wraps what a key function throws.
  if (thrown.cause instanceof ModelError) return thrown.cause
  const answered = isSdkFailure(thrown) ? answerError(thrown, asked) : undefined
  if (answered) return answered
  const why = rootOf(thrown)
  if (/time(d ?)?out/i.test(`${thrown.message} ${why}`)) return timeout(thrown, why, asked)
  if (isSdkFailure(thrown)) return unreachable(thrown, why, asked)
  // Bytes that stop: an event or a body that is not whole, or a connection that is gone.
  if (thrown instanceof SyntaxError || thrown.cause !== undefined) return streamCut(asked.url, undefined, thrown)
  return unknown(thrown, asked)
}

function isSdkFailure(thrown: Error): thrown is SdkFailure {
  return 'status' in thrown && 'headers' in thrown && 'error' in thrown
}

/** The error that the server answered with, if it did. */
function answerError(failure: SdkFailure, asked: Asked): ModelError | undefined {
  const { status, headers, message } = failure
  if (headers === undefined) return undefined
  // What a JSON body has as its `error`, if there is one: text with some servers.
  const error = (typeof failure.error === 'object' ? failure.error : undefined) as StatusFailure['error']
  if (status !== undefined) return statusError({ status, headers, message, error, cause: failure }, asked)
  return eventError((error ?? { message }) as EventFailure, headers.get('x-request-id') ?? undefined)
}

function unreachable(cause: Error, why: string, { url }: Asked): ModelError {
  const message = `Cannot reach the model server at ${url}: ${oneLine(why)} Expected a server that speaks the OpenAI API. Check that it runs, the network, and openai({ baseURL }) or OPENAI_BASE_URL.`
  // A connection that breaks once there is one may have carried the request.
  const spent = isUnconnected(cause) ? undefined : 'unknown'
  return new ModelError({
    code: 'connection',
    message,
    retryable: true,
    mendable: true,
    details: { url },
    spent,
    cause,
  })
}

function timeout(cause: Error, why: string, { url }: Asked): ModelError {
  const message = `The model server at ${url} did not answer in time: ${oneLine(why)} Ask again.`
  // A body that stands still has begun: what costs tokens is not asked for without end.
  const mendable = !/body/i.test(why)
  return new ModelError({
    code: 'timeout',
    message,
    retryable: true,
    mendable,
    details: { url },
    spent: isUnconnected(cause) ? undefined : 'unknown',
    cause,
  })
}

function unknown(cause: unknown, { url }: Asked): ModelError {
  const message = `The request to the model server at ${url} could not be made: ${oneLine(messageOf(cause))} Check what openai() was given.`
  return new ModelError({ code: 'ask_failed', message, details: { url }, cause })
}

/** Why there was no connection at all, so that nothing was asked for. */
const UNCONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOENT',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
])

function isUnconnected(error: Error): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (
      'code' in at &&
      (UNCONNECTED.has(String(at.code)) || /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_|UNABLE_)/.test(String(at.code)))
    )
      return true
  return false
}

/** The message of the innermost cause: `fetch failed` says nothing, what is below it does. */
function rootOf(error: Error): string {
  let root = error
  while (root.cause instanceof Error) root = root.cause
  const code = 'code' in root && typeof root.code === 'string' ? root.code : undefined
  if (root.message === '') return code ?? root.name
  return code === undefined || root.message.includes(code) ? root.message : `${root.message} (${code})`
}
