import { ModelError, type Spent, type Usage } from '@reprise/core'

/** The server answered without an error, but with something else than the API that it was asked by. */
export function notTheApi(api: string, url: string, { status, headers }: Response): ModelError {
  const contentType = headers.get('content-type') ?? 'no content type'
  const message = `The server at ${url} answered ${status} with ${contentType}. Expected ${api}. Check openai({ api, baseURL }) or OPENAI_BASE_URL.`
  return new ModelError({ code: 'not_the_api', message, mendable: true, details: { status, contentType, url } })
}

/** A reply that began and never came to its end: what was written by then was charged. */
export function streamCut(url: string, requestId: string | undefined, cause?: unknown): ModelError {
  const message = `The reply from ${url} was cut off before its end. Expected a completed response. Ask again.`
  return new ModelError({
    code: 'stream_cut',
    message,
    retryable: true,
    details: { url, requestId },
    spent: 'unknown',
    cause,
  })
}

/** A reply of which the server itself says that it was not brought to its end. */
export function brokenReply(
  model: string,
  reason: string,
  requestId: string | undefined,
  usage: Usage | undefined,
  spent: Spent | 'unknown',
): ModelError {
  const message = `The reply of model "${model}" broke off: the server gave "${reason}" as its end. Expected a whole reply. Ask again.`
  const details = { reason, requestId, ...(usage && { usage: { ...usage } }) }
  return new ModelError({ code: 'reply_broken', message, retryable: true, details, spent })
}
