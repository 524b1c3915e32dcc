/** Codes that say that money or a limit is used up: no waiting helps against them. */
const spent = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_usage_limit_exceeded',
  'billing_hard_limit_reached',
  'billing_not_active',
])

/** Codes of what somebody else than the asker must put right, under whatever status a server gives them. */
const mendable = new Set([
  'invalid_api_key',
  'incorrect_api_key',
  'invalid_organization',
  'mismatched_organization',
  'mismatched_project',
  'ip_not_authorized',
  'account_deactivated',
  'access_terminated',
  'unsupported_country_region_territory',
  'model_not_found',
  'model_not_available',
  'model_decommissioned',
  'model_deprecated',
  'DeploymentNotFound',
  'permission_error',
  'authentication_error',
])

/** Statuses of the same sort: of the key, the bill, the rights, the address, the proxy, the law, and of a service that is busy. */
const mendableStatuses = new Set([401, 402, 403, 404, 405, 407, 408, 409, 429, 451])

/**
 * Words in the code or the type of a failure inside a reply, where there is no status, that lay it to the request. What
 * has none of them is the server's: it had begun to answer.
 */
const ownFault =
  /invalid|unsupported|bad_?request|unprocessable|validation|image_|empty_image|too_(?:long|large|small)|context_(?:length|window|size)|token_limit|policy|content_filter/i

/** Words of the same sort for what somebody else than the asker must put right. */
const othersFault = /auth|permission|forbidden|not_?found|quota|billing|credit|payment/i

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

/**
 * Tells whether a request that was answered with an error status is to wait until it can succeed, once no retry is left:
 * what an operator can put right, and what the service has to. The rest is the request's own fault.
 *
 * @param codes the code and the type of the error's body: either may carry the reason.
 */
export function isMendable(status: number, codes: readonly string[]): boolean {
  return codes.some(isMendableCode) || mendableStatuses.has(status) || status >= 500
}

function isMendableCode(code: string): boolean {
  return isSpent(code) || mendable.has(code)
}

/** What can be done about a failure. */
export interface Hope {
  /** Whether the same request may succeed when it is asked again. */
  readonly retryable: boolean
  /** Whether it waits for somebody, or the service, to put things right. */
  readonly mendable: boolean
}

/** Tells what can be done about a reply that failed while it was written, where there is no status. */
export function hopeOf(codes: readonly string[]): Hope {
  if (codes.some(isMendableCode)) return { retryable: false, mendable: true }
  if (codes.some((code) => ownFault.test(code))) return { retryable: false, mendable: false }
  const passes = !codes.some((code) => othersFault.test(code))
  return { retryable: passes, mendable: true }
}
