import { ApiError, missing, wrongType } from '../http/api-error.ts'
import type { Parameters } from '../http/call.ts'
import type { FunctionTool, HostedTool, InputItem, ResponsesBody, TextFormat } from '../responses/body.ts'
import { type FakeModel, fakeModel, type FindModel } from '../models/models.ts'
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

/** What the platform takes and the fake cannot: it says so. */
const beyond = ['conversation', 'prompt'] as const

/**
 * Holds a request to what the platform accepts.
 *
 * @param conversation up to the response that this request goes on from, by its id.
 * @param find the model by its name.
 * @throws ApiError with the platform's first complaint.
 */
export function validateRequest(
  sent: Parameters | undefined,
  conversation: (previous: string) => readonly InputItem[],
  find: FindModel = fakeModel,
): ValidRequest {
  const body = knownBody(sent, parameters, beyond)
  const model = modelOf(body['model'], 400, find)
  number(body, 'temperature', 0, 2)
  number(body, 'top_p', 0, 1)
  number(body, 'max_output_tokens', 16, Infinity)
  for (const name of ['stream', 'store', 'parallel_tool_calls', 'background']) type(body, name, 'boolean')
  for (const name of ['instructions', 'user', 'prompt_cache_key', 'previous_response_id']) type(body, name, 'string')
  const { previous_response_id: previous, tools } = body as Partial<ResponsesBody>
  const input = validateInput(body['input'], previous ? conversation(previous) : [])
  validateTools(tools, body['tool_choice'])
  const { format } = (body['text'] ?? {}) as { readonly format?: TextFormat }
  if (format) validateFormat(format)
  if (body['background'] === true && body['store'] === false)
    throw new ApiError("Background mode requires 'store' to be true.", { param: 'store' })
  const valid = { ...body, ...splitTools(tools ?? []), input } as ResponsesBody
  if (!model.gpt6 && valid.reasoning?.effort) {
    const param = 'reasoning.effort'
    const message = `Unsupported parameter: '${param}' is not supported with this model.`
    throw new ApiError(message, { param, code: 'unsupported_parameter' })
  }
  validateSampling(valid, model)
  return { body: valid, model }
}

/**
 * Checks that a body is there and has no parameter that nobody knows.
 *
 * @param beyond the parameters that the platform knows and the fake does not.
 */
export function knownBody(
  body: Parameters | undefined,
  known: ReadonlySet<string>,
  beyond: readonly string[],
): Parameters {
  if (!body) throw notJson()
  const unknown = Object.keys(body).find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new ApiError(`Unknown parameter: '${unknown}'.`, { param: unknown, code: 'unknown_parameter' })
  const param = beyond.find((name) => body[name] !== undefined && body[name] !== null)
  if (param === undefined) return body
  throw new ApiError(`'${param}' is more than this fake server can do. Leave it out, or ask the platform.`, { param })
}

function notJson(): ApiError {
  const hint =
    "(HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload.)"
  return new ApiError(`We could not parse the JSON body of your request. ${hint}`)
}

/**
 * Finds the model of a request.
 *
 * @param status of the answer where there is none: the two APIs differ, in their words too.
 */
export function modelOf(name: unknown, status: 400 | 404, find: FindModel): FakeModel {
  if (name === undefined) throw missing('model')
  if (typeof name !== 'string') throw wrongType('model', 'a string', name)
  const model = find(name)
  if (model) return model
  const message =
    status === 400
      ? `The requested model '${name}' does not exist.`
      : `The model \`${name}\` does not exist or you do not have access to it.`
  throw new ApiError(message, { status, param: status === 400 ? 'model' : null, code: 'model_not_found' })
}

/** Checks the type of a parameter that may be left out. */
export function type(body: Parameters, param: string, expected: 'boolean' | 'string'): void {
  const value = body[param]
  if (value !== undefined && value !== null && typeof value !== expected) throw wrongType(param, `a ${expected}`, value)
}

/** Checks the range of a parameter that may be left out. */
export function number(body: Parameters, param: string, min: number, max: number): void {
  const value = body[param]
  if (value === undefined || value === null) return
  const kind = /^(max|n$)/.test(param) ? 'integer' : 'decimal'
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
export function validateSampling(body: ResponsesBody, model: FakeModel): void {
  if (!model.gpt6 || body.reasoning?.effort === 'none') return
  for (const param of ['temperature', 'top_p'] as const) {
    if (body[param] === undefined || body[param] === null) continue
    throw new ApiError(`Unsupported parameter: '${param}' is not supported with this model.`, { param })
  }
}

/** Functions and hosted tools stand apart, so that scripts need not tell them from each other. */
function splitTools(tools: readonly (FunctionTool | HostedTool)[]): Pick<ResponsesBody, 'tools' | 'hosted_tools'> {
  const functions = tools.filter((tool) => tool.type === 'function')
  const hosted = tools.filter((tool) => tool.type !== 'function')
  return { ...(functions.length > 0 && { tools: functions }), ...(hosted.length > 0 && { hosted_tools: hosted }) }
}
