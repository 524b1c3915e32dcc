import { ApiError } from './api-error.ts'

/**
 * Checks the key of a request.
 *
 * @param expected the one key that is right; any is where there is none.
 * @throws ApiError where there is no key, or a wrong one.
 */
export function authorize(header: string | undefined, expected: string | undefined): void {
  const key = header?.match(/^Bearer (\S+)$/)?.[1]
  if (key === undefined) {
    const message =
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
    throw new ApiError(message, { status: 401 })
  }
  if (expected === undefined || key === expected) return
  const masked = key.length <= 8 ? key : `${key.slice(0, 4)}${'*'.repeat(key.length - 8)}${key.slice(-4)}`
  const message = `Incorrect API key provided: ${masked}. You can find your API key at https://platform.openai.com/account/api-keys.`
  throw new ApiError(message, { status: 401, code: 'invalid_api_key' })
}
