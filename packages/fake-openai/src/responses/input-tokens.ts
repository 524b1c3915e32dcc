import type { Call } from '../http/call.ts'
import { sendJson } from '../http/send.ts'
import type { Service } from '../service/service.ts'
import { validateRequest } from '../validate/validate.ts'
import type { KeptResponses } from '../reply/kept.ts'

/** Answers `POST /v1/responses/input_tokens`: the tokens of a request that is not made. */
export function countInputTokens(service: Service, kept: KeptResponses, { body: sent, to }: Call): void {
  const { body } = validateRequest(sent, kept, service.named, true)
  sendJson(to, 200, { object: 'response.input_tokens', input_tokens: service.count(body, 'responses').tokens })
}
