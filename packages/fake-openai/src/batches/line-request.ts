import { validateChat } from '../chat/validate-chat.ts'
import type { Parameters } from '../http/call.ts'
import type { Remembered } from '../reply/remembered.ts'
import type { FakeAsk } from '../script/script.ts'
import type { Named } from '../validate/named.ts'
import { validateRequest, type ValidRequest } from '../validate/validate.ts'

/** The endpoint whose lines ask no script. */
export const EMBEDDINGS = '/v1/embeddings'

/**
 * Holds the body of a line to what its endpoint accepts.
 *
 * @throws ApiError with the platform's complaint.
 */
export function lineRequest(endpoint: string, body: Parameters, remembered: Remembered, named: Named): ValidRequest {
  return apiOf(endpoint) === 'chat' ? validateChat(body, named) : validateRequest(body, remembered, named)
}

/** The API that an endpoint belongs to. */
export function apiOf(endpoint: string): FakeAsk['api'] {
  return endpoint === '/v1/chat/completions' ? 'chat' : 'responses'
}
