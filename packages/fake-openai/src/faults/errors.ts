import type { FakeError } from '../script/script.ts'
import type { FaultKind } from '../script/fault-kinds.ts'

/** The error answers among the faults, in the platform's words where they are known: one says how long to wait. */
export const faultErrors = {
  request_timeout: { status: 408, message: 'The request took too long to arrive. Please try again.' },
  conflict: { status: 409, message: 'The resource was being changed by another request. Please try again.' },
  rate_limit_exceeded: {
    status: 429,
    code: 'rate_limit_exceeded',
    type: 'requests',
    message:
      'Rate limit reached for requests. Please try again in 100ms. Visit https://platform.openai.com/account/rate-limits to learn more.',
    retryAfter: 1,
    headers: { 'retry-after-ms': '100' },
  },
  slow_down: {
    status: 429,
    code: 'slow_down',
    type: 'requests',
    message:
      'Slow down: your rate of requests rose too fast. Please reduce it, keep it even, and then raise it slowly.',
  },
  server_error: {
    status: 500,
    code: 'server_error',
    message: 'The server had an error while processing your request. Sorry about that!',
  },
  bad_gateway: { status: 502, html: '<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>' },
  server_is_overloaded: {
    status: 503,
    code: 'server_is_overloaded',
    message: 'Our servers are currently overloaded. Please try again later.',
  },
  insufficient_quota: spent(
    'insufficient_quota',
    'You exceeded your current quota, please check your plan and billing details.',
  ),
  credit_balance_exhausted: spent('credit_balance_exhausted', 'Your credit balance is exhausted. Please add credits.'),
  project_spend_limit_exceeded: spent(
    'project_spend_limit_exceeded',
    "Your project's spend limit is reached. Please raise it or wait for the next month.",
  ),
  organization_spend_limit_exceeded: spent(
    'organization_spend_limit_exceeded',
    "Your organization's spend limit is reached. Please raise it or wait for the next month.",
  ),
  organization_usage_limit_exceeded: spent(
    'organization_usage_limit_exceeded',
    "Your organization's usage limit is reached. Please contact your administrator.",
  ),
  invalid_request: { status: 400, code: 'invalid_value', message: "Invalid value for 'input'." },
  invalid_api_key: { status: 401, code: 'invalid_api_key', message: 'Incorrect API key provided: sk-gone.' },
  forbidden: {
    status: 403,
    code: 'unsupported_country_region_territory',
    type: 'request_forbidden',
    message: 'Country, region, or territory not supported',
  },
  model_not_found: {
    status: 404,
    code: 'model_not_found',
    message: 'The model does not exist or you do not have access to it.',
  },
} satisfies Partial<Record<FaultKind, FakeError>>

function spent(code: string, message: string): FakeError {
  return { status: 429, code, type: code === 'insufficient_quota' ? code : 'billing_error', message }
}
