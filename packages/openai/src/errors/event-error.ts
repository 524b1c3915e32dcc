import { ModelError } from '@reprise/core'
import { oneLine } from './one-line.ts'
import { hopeOf, isMendable, mayRetryStatus } from './retryable.ts'
import { codeOfStatus } from './status-code.ts'

/** What the service says of a reply that failed while it was written: other servers say it in words alone. */
export type EventFailure =
  | string
  | {
      /** Other servers give a status. */
      readonly code?: string | number | null
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
  const { message: said = 'no reason given', param, code: given, type } = fieldsOf(failure)
  // An event's own type says nothing.
  const kind = type && type !== 'error' ? type : 'server_error'
  // Some servers tell more than one failure of a status apart by two digits after it.
  const [, digits] = /^([45]\d\d)(?:\d\d)?$/.exec(String(given)) ?? []
  const status = digits === undefined ? undefined : Number(digits)
  const code = status === undefined ? String(given || kind) : codeOfStatus(status)
  const { retryable, mendable } =
    status === undefined
      ? hopeOf([code, kind])
      : { retryable: mayRetryStatus(status, [kind], undefined), mendable: isMendable(status, [code, kind]) }
  const remedy = retryable ? 'Ask again.' : 'Asking again does not help: change the request.'
  const message = `The reply failed while it was written (${code}): ${oneLine(said)} ${remedy}`
  return new ModelError({
    code,
    message,
    retryable,
    mendable,
    details: { requestId, ...(param && { param }), ...(ended && { ended }) },
  })
}

function fieldsOf(failure: EventFailure | null): Exclude<EventFailure, string> {
  return typeof failure === 'string' ? { message: failure } : (failure ?? {})
}
