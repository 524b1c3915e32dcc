import { RepriseError, ToolError } from '@reprise/core'
import { codeOf } from '../folder/refusals.ts'

/** What will not be otherwise in a few seconds. The rest may be. */
const LASTING = /^(?:ENOTFOUND|ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|ERR_SSL|Z_DATA_ERROR)/

/** Turns what a connection failed with into what a model can use; whether it is tried again stands in it. */
export function connectionFailure(method: string, url: string, error: unknown): unknown {
  if (RepriseError.is(error)) return error
  const code = codeOf(error)
  if (code === undefined || code === 'ABORT_ERR') return error
  const retryable = !LASTING.test(code)
  return new ToolError({
    code: 'connection_failed',
    message: `${method} ${url} got no answer (${code}). Go on without it, or use another URL.`,
    details: { url, code },
    retryable,
    cause: error,
  })
}
