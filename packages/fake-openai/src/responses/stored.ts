import { ApiError } from '../http/api-error.ts'
import type { Call } from '../http/call.ts'
import { integerIn } from '../http/query.ts'
import { sendJson } from '../http/send.ts'
import type { Service } from '../service/service.ts'
import { integer } from '../checks/checks.ts'
import { streamBackground } from './create.ts'
import { type KeptResponses, responseAt } from '../reply/kept.ts'

/** Answers `GET /v1/responses/{id}`: the response as it stands, or its stream again from `starting_after`. */
export async function retrieveResponse(service: Service, kept: KeptResponses, call: Call, id: string): Promise<void> {
  const response = kept.get(id)
  const { query, to } = call
  if (query.get('stream') !== 'true') return sendJson(to, 200, responseAt(response, service.clock.now()))
  const after = integerIn(query, 'starting_after')
  if (after !== undefined) integer(0)(after, 'starting_after')
  return streamBackground(service, response, call, after ?? -1)
}

/**
 * Answers `POST /v1/responses/{id}/cancel`; what is over stays as it is.
 *
 * @throws ApiError where the response is not a background one.
 */
export function cancelResponse({ clock }: Service, kept: KeptResponses, { to }: Call, id: string): void {
  const response = kept.get(id)
  if (!response.parts.body.background) throw new ApiError('Cannot cancel a synchronous response.')
  if (clock.now() < response.doneAt) response.cancelled = true
  sendJson(to, 200, responseAt(response, clock.now()))
}

/** Answers `DELETE /v1/responses/{id}`. */
export function deleteResponse(kept: KeptResponses, { to }: Call, id: string): void {
  kept.delete(id)
  sendJson(to, 200, { id, object: 'response', deleted: true })
}
