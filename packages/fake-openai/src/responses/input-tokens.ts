import type { Call } from '../http/call.ts'
import { sendJson } from '../http/send.ts'
import type { Service } from '../service/service.ts'
import { knownBody, unknownParameter, validateRequest } from '../validate/validate.ts'
import type { KeptResponses } from '../reply/kept.ts'

/** What a count is told. Who the model is to be (`personality`) is words of the platform's own, which nobody can count. */
const parameters = new Set(
  `model input previous_response_id tools text reasoning truncation instructions personality conversation tool_choice
  parallel_tool_calls`.split(/\s+/),
)

/** Answers `POST /v1/responses/input_tokens`: the tokens of a request that is not made. */
export function countInputTokens(service: Service, kept: KeptResponses, { body: sent, to }: Call): void {
  const { personality: _, ...known } = knownBody(sent, parameters, [], unknownParameter)
  const { body } = validateRequest(known, kept, service.named, true)
  sendJson(to, 200, { object: 'response.input_tokens', input_tokens: service.count(body, 'responses').tokens })
}
