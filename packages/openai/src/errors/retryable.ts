/** Codes of a 429 that no waiting helps against. */
const spent = new Set(['insufficient_quota', 'credit_balance_exhausted', 'organization_usage_limit_exceeded'])

/** Codes of a failure inside a reply, where there is no status, that may pass. */
const passing = new Set([
  'server_error',
  'rate_limit_exceeded',
  'slow_down',
  'server_is_overloaded',
  'vector_store_timeout',
])

/** Tells whether a code says that money or a limit is used up. */
export function isSpent(code: string): boolean {
  return spent.has(code) || code.endsWith('_spend_limit_exceeded')
}

/**
 * Tells whether a request that was answered with an error status may succeed later.
 * What the table of the service calls final is final, whatever `x-should-retry` says; elsewhere the header decides.
 *
 * @param codes the code and the type of the error's body: either may carry the reason.
 */
export function mayRetryStatus(
  status: number,
  codes: readonly string[],
  shouldRetry: string | null | undefined,
): boolean {
  if (codes.some(isSpent) || [400, 401, 403, 404].includes(status)) return false
  if (shouldRetry === 'true' || shouldRetry === 'false') return shouldRetry === 'true'
  return status === 408 || status === 409 || status === 429 || status >= 500
}

/** Tells whether a reply that failed while it was written may succeed when asked again. */
export function mayRetryCode(code: string): boolean {
  return passing.has(code)
}
