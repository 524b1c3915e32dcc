import { ModelError } from '@reprise/core'
import { oneLine } from './one-line.ts'
import { mayRetryCode } from './retryable.ts'

/** What the service says of a reply that failed while it was written. */
export interface EventFailure {
  readonly code?: string | null
  readonly type?: string | null
  readonly message?: string
  readonly param?: string | null
}

/**
 * The error of a reply that failed after it had begun; where nothing is said, the server is to blame.
 *
 * @param ended whether a response that was accepted is over with it.
 */
export function eventError(failure: EventFailure | null, requestId: string | undefined, ended = false): ModelError {
  const { message: said = 'no reason given', param } = failure ?? {}
  const code = codeOf(failure)
  const retryable = mayRetryCode(code)
  const remedy = retryable ? 'Ask again.' : 'Asking again does not help: change the request.'
  const message = `The reply failed while it was written (${code}): ${oneLine(said)} ${remedy}`
  return new ModelError({
    code,
    message,
    retryable,
    details: { requestId, ...(param && { param }), ...(ended && { ended }) },
  })
}

function codeOf(failure: EventFailure | null): string {
  if (failure?.code) return failure.code
  // An event's own type says nothing.
  return failure?.type && failure.type !== 'error' ? failure.type : 'server_error'
}
