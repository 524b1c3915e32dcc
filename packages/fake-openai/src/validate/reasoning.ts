import { ApiError } from '../http/api-error.ts'
import { type FakeModel, isReasoning } from '../models/model.ts'
import type { ResponsesBody } from '../script/body.ts'
import type { FakeAsk } from '../script/script.ts'

/**
 * Checks what a model takes of how it thinks, of how its words are chosen, and of how many there may be.
 *
 * @throws ApiError with the platform's complaint.
 */
export function validateForModel(body: ResponsesBody, model: FakeModel, api: FakeAsk['api']): void {
  const effort = body.reasoning?.effort ?? null
  if (effort !== null && model.efforts && !model.efforts.includes(effort)) {
    const values = new Intl.ListFormat('en').format(model.efforts.map((value) => `'${value}'`))
    const message = `Unsupported value: '${effort}' is not supported with the '${model.id}' model. Supported values are: ${values}.`
    throw new ApiError(message, { param: effortAt[api], code: 'unsupported_value' })
  }
  if (!isReasoning(model, effort)) return
  for (const param of ['temperature', 'top_p'] as const) {
    const value = body[param] ?? null
    if (value === null) continue
    // Those that always reason take the default on Chat Completions, and say so.
    if (api === 'responses' || model.reasons !== 'always')
      throw new ApiError(`Unsupported parameter: '${param}' is not supported with this model.`, { param })
    if (value === 1) continue
    const message = `Unsupported value: '${param}' does not support ${value} with this model. Only the default (1) value is supported.`
    throw new ApiError(message, { param, code: 'unsupported_value' })
  }
}

const effortAt = { responses: 'reasoning.effort', chat: 'reasoning_effort' } as const
