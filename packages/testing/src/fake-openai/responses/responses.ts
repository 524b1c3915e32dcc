import type { ServerResponse } from 'node:http'
import { ApiError } from '../http/api-error.ts'
import type { MakeId } from '../http/ids.ts'
import type { FakeScript } from '../script.ts'
import { scriptedError, sendStream, sendWhole } from '../http/send.ts'
import type { Meter } from '../prompt/usage.ts'
import { type Parameters, validateRequest } from '../validate/validate.ts'

/** A request to `POST /v1/responses`. */
export interface ResponsesRequest {
  readonly body: Parameters | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly id: MakeId
}

/** When the first response was made, in seconds since 1970; each is made a second after the one before. */
const EPOCH = 1_763_800_000

/** Answers `POST /v1/responses`. */
export type AnswerResponses = (to: ServerResponse, request: ResponsesRequest) => Promise<void>

/**
 * Makes the endpoint that replies by a script. What it answers throws an ApiError where the platform would refuse.
 */
export function responsesEndpoint(script: FakeScript, meter: Meter): AnswerResponses {
  let n = 0
  return async (to, { body: sent, headers, id }) => {
    const { body, model } = validateRequest(sent)
    const prompt = meter.prompt(body)
    if (prompt.tokens > model.context) throw contextExceeded()
    n += 1
    const createdAt = EPOCH + n
    const answer = await script({ body, n, model: body.model, headers })
    if ('hang' in answer) return
    if ('error' in answer) throw scriptedError(answer.error)
    const parts = { body, model, reply: answer, usage: meter.charge(prompt, model, answer), id, createdAt }
    if (body.stream) sendStream(to, parts)
    else sendWhole(to, parts)
  }
}

function contextExceeded(): ApiError {
  const message = 'Your input exceeds the context window of this model. Please adjust your input and try again.'
  return new ApiError(message, { param: 'input', code: 'context_length_exceeded' })
}
