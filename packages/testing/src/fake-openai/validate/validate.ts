import { ApiError, missing, wrongType } from '../http/api-error.ts'
import type { ResponsesBody, TextFormat } from '../responses/body.ts'
import { type FakeModel, fakeModel } from '../models/models.ts'
import { validateInput } from './validate-input.ts'
import { validateFormat, validateTools } from './validate-tools.ts'

/** The parameters of `POST /v1/responses` that the platform knows. */
const parameters = new Set(
  `background context_management conversation include input instructions max_output_tokens max_tool_calls metadata
  model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options
  prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text
  tool_choice tools top_logprobs top_p truncation user`.split(/\s+/),
)

/** A request that is right, and the model it is for. */
export interface ValidRequest {
  readonly body: ResponsesBody
  readonly model: FakeModel
}

/**
 * Holds a request to what the platform accepts.
 *
 * @throws ApiError with the platform's first complaint.
 */
export function validateRequest(body: Parameters | undefined): ValidRequest {
  if (!body) throw notJson()
  const unknown = Object.keys(body).find((name) => !parameters.has(name))
  if (unknown !== undefined)
    throw new ApiError(`Unknown parameter: '${unknown}'.`, { param: unknown, code: 'unknown_parameter' })
  const model = modelOf(body['model'])
  const input = validateInput(body['input'])
  number(body, 'temperature', 0, 2)
  number(body, 'top_p', 0, 1)
  number(body, 'max_output_tokens', 16, Infinity)
  for (const name of ['stream', 'store', 'parallel_tool_calls']) type(body, name, 'boolean')
  for (const name of ['instructions', 'user', 'prompt_cache_key']) type(body, name, 'string')
  validateTools(body['tools'], body['tool_choice'])
  const { format } = (body['text'] ?? {}) as { readonly format?: TextFormat }
  if (format) validateFormat(format)
  const valid = { ...body, input } as ResponsesBody
  validateSampling(valid, model)
  return { body: valid, model }
}

/** The parameters of a request before they are checked. */
export type Parameters = Readonly<Record<string, unknown>>

/** Parses the body of a request; undefined where it is not a JSON object. */
export function parseParameters(text: string): Parameters | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Parameters) : undefined
  } catch {
    return undefined
  }
}

function notJson(): ApiError {
  const hint =
    "(HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload.)"
  return new ApiError(`We could not parse the JSON body of your request. ${hint}`)
}

function modelOf(name: unknown): FakeModel {
  if (name === undefined) throw missing('model')
  if (typeof name !== 'string') throw wrongType('model', 'a string', name)
  const model = fakeModel(name)
  if (model) return model
  throw new ApiError(`The requested model '${name}' does not exist.`, { param: 'model', code: 'model_not_found' })
}

function type(body: Parameters, param: string, expected: 'boolean' | 'string'): void {
  const value = body[param]
  if (value !== undefined && value !== null && typeof value !== expected) throw wrongType(param, `a ${expected}`, value)
}

function number(body: Parameters, param: string, min: number, max: number): void {
  const value = body[param]
  if (value === undefined || value === null) return
  const kind = param === 'max_output_tokens' ? 'integer' : 'decimal'
  if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value)))
    throw wrongType(param, kind === 'integer' ? 'an integer' : 'a decimal', value)
  const side = value < min ? 'below minimum' : value > max ? 'above maximum' : undefined
  if (!side) return
  const bound = value < min ? `>= ${min}` : `<= ${max}`
  const message = `Invalid '${param}': ${kind} ${side} value. Expected a value ${bound}, but got ${value} instead.`
  throw new ApiError(message, {
    param,
    code: `${kind}_${side.replace(' ', '_').replace('minimum', 'min').replace('maximum', 'max')}_value`,
  })
}

/** Reasoning models leave no choice of sampling, unless they do not reason. */
function validateSampling(body: ResponsesBody, model: FakeModel): void {
  if (!model.gpt6 || body.reasoning?.effort === 'none') return
  for (const param of ['temperature', 'top_p'] as const) {
    if (body[param] === undefined || body[param] === null) continue
    throw new ApiError(`Unsupported parameter: '${param}' is not supported with this model.`, { param })
  }
}
