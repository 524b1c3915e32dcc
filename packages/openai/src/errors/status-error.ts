import { ModelError } from '@reprise/core'
import { oneLine } from './one-line.ts'
import { retryAfterMs } from './retry-after.ts'
import { isMendable, isSpent, mayRetryStatus } from './retryable.ts'
import { codeOfStatus } from './status-code.ts'

/** An answer with an error status, as the SDK gives it. */
export interface StatusFailure {
  readonly status: number
  readonly headers: Headers
  /** The error of the body, where the body has one. */
  readonly error:
    | { readonly code?: unknown; readonly type?: unknown; readonly param?: unknown; readonly message?: unknown }
    | undefined
  /** The SDK's own message: the status and the body. */
  readonly message: string
  readonly cause: unknown
}

/** What was asked of whom. */
export interface Asked {
  readonly url: string
  readonly model: string
}

/** The error of an answer with an error status: its code is the service's own where it gives one. */
export function statusError(failure: StatusFailure, asked: Asked): ModelError {
  const { status, headers, error, cause } = failure
  const said = [error?.code, error?.type].filter((text) => typeof text === 'string')
  const code = typeof error?.code === 'string' ? error.code : (said.find(isSpent) ?? codeOfStatus(status))
  const retryable = mayRetryStatus(status, said, headers.get('x-should-retry'))
  const mendable = isMendable(status, [code, ...said])
  const wait = retryAfterMs(headers)
  const details = {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    ...(typeof error?.param === 'string' && { param: error.param }),
  }
  const reason = oneLine(typeof error?.message === 'string' ? error.message : failure.message)
  const message = `${sentence(code, status, asked)}: ${reason} ${remedy({ code, status, retryable, wait })}`
  return new ModelError({ code, message, retryable, mendable, retryAfterMs: wait, details, cause })
}

function sentence(code: string, status: number, { url, model }: Asked): string {
  if (code === 'model_not_found') return `Model "${model}" is not served at ${url} (${status} ${code})`
  return `The server at ${url} refused the request (${status} ${code})`
}

interface Outlook {
  readonly code: string
  readonly status: number
  readonly retryable: boolean
  readonly wait: number | undefined
}

/** Some servers send a date where a time belongs: no run waits longer than this for its next attempt. */
const LONGEST_WAIT_MS = 3_600_000

function remedy({ code, status, retryable, wait }: Outlook): string {
  if (retryable)
    return wait === undefined ? 'Ask again.' : `Ask again after ${Math.min(wait, LONGEST_WAIT_MS) / 1000} s.`
  if (isSpent(code)) return 'Asking again does not help: add credit or raise the limit.'
  if (code === 'model_not_found') return "Check the name of the agent's model."
  if (code === 'DeploymentNotFound') return 'Check openai({ deployments }): a deployment goes by its own name.'
  if (status === 401) return 'Check OPENAI_API_KEY or openai({ apiKey }).'
  if (status === 402) return 'Asking again does not help: look at the bill.'
  if (status === 403) return 'Check what the key may do.'
  if (status === 404) return 'Check openai({ baseURL }) or OPENAI_BASE_URL.'
  return 'Asking again does not help: change the request.'
}
