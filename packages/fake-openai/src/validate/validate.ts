import { ApiError, beyondTheFake, missing, notJson, wrongType } from '../http/api-error.ts'
import type { Parameters } from '../http/call.ts'
import { type FunctionTool, type HostedTool, isMessage, type ResponsesBody } from '../script/body.ts'
import type { Remembered } from '../reply/remembered.ts'
import type { FakeModel } from '../models/model.ts'
import type { FindModel } from '../models/models.ts'
import { checkAll, fields, integer, orNull, text } from '../checks/checks.ts'
import { anyNamed, type Named, validateFiles } from './named.ts'
import { responsesParameters } from './parameters.ts'
import { validateForModel } from './reasoning.ts'
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

/** A right request of the Responses API. */
export interface ValidResponse extends ValidRequest {
  /** What it says itself: the end of its input. */
  readonly said: ResponsesBody['input']
}

/** What the platform takes and the fake cannot: it says so. */
const beyond = ['prompt'] as const

/**
 * Holds a request to what the platform accepts.
 *
 * @param remembered what this request may go on from.
 * @param named what there is that it may name.
 * @param mayBeEmpty whether nothing need be said.
 * @throws ApiError with the platform's first complaint.
 */
export function validateRequest(
  sent: Parameters | undefined,
  remembered: Remembered,
  named: Named = anyNamed,
  mayBeEmpty = false,
): ValidResponse {
  const body = knownBody(sent, parameters, beyond, unknownParameter)
  const model = modelOf(body['model'], 400, named.find)
  checkAll(body, responsesParameters)
  const { previous_response_id: previous, tools, store } = body as Partial<ResponsesBody>
  const conversation = conversationIn(body['conversation'])
  if (previous && conversation !== undefined) {
    const message =
      "Mutually exclusive parameters. Ensure you are only providing one of: 'previous_response_id' or 'conversation'."
    throw new ApiError(message, { param: null, code: 'mutually_exclusive_parameters' })
  }
  const before = previous
    ? remembered.conversation(previous)
    : conversation === undefined
      ? []
      : named.conversation(conversation)
  const itemOf = (id: string) => remembered.item(id) ?? notKept(id, store, remembered)
  const input = validateInput(body['input'], { before, itemOf, mayBeEmpty, reasonedBefore: named.reasonedBefore })
  validateTools(tools, body['tool_choice'])
  validateFiles(body['input'], 'input', named.hasFile)
  validateFiles(tools, 'tools', named.hasFile)
  const { format } = (body['text'] ?? {}) as { readonly format?: unknown }
  if (format !== undefined) validateFormat(format)
  if (isJsonObject(format) && !/json/i.test(JSON.stringify(input.filter(isMessage)))) {
    const message =
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."
    throw new ApiError(message, { param: 'input' })
  }
  if (body['background'] === true && body['store'] === false)
    throw new ApiError("Background mode requires 'store' to be true.", { param: 'store' })
  const { tools: _, ...rest } = body
  const valid = { ...rest, ...splitTools(tools ?? []), input } as unknown as ResponsesBody
  if (model.reasons === 'never' && valid.reasoning?.effort) {
    const param = 'reasoning.effort'
    const message = `Unsupported parameter: '${param}' is not supported with this model.`
    throw new ApiError(message, { param, code: 'unsupported_parameter' })
  }
  validateForModel(valid, model, 'responses')
  orNull(integer(-Infinity, model.maxOutput))(valid.max_output_tokens ?? null, 'max_output_tokens')
  return { body: valid, model, said: input.slice(before.length) }
}

/** The id of the conversation that a request goes on in: said by itself, or in an object. */
function conversationIn(given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined
  if (typeof given === 'string') return given
  fields({ id: text }, 'id')(given, 'conversation')
  return (given as { readonly id: string }).id
}

function notKept(id: string, store: boolean | null | undefined, { whyMissed }: Remembered): never {
  const why =
    store === false
      ? ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.'
      : ''
  throw new ApiError(`Item with id '${id}' not found.${why}${whyMissed}`, { status: 404, param: 'input' })
}

function isJsonObject(format: unknown): boolean {
  return typeof format === 'object' && format !== null && 'type' in format && format.type === 'json_object'
}

/**
 * Checks that a body is there and has no parameter that nobody knows.
 *
 * @param beyond the parameters that the platform knows and the fake does not.
 * @param complain of those that are unknown: each API has its own words.
 */
export function knownBody(
  body: Parameters | undefined,
  known: ReadonlySet<string>,
  beyond: readonly string[],
  complain: (unknown: readonly string[]) => ApiError,
): Parameters {
  if (!body) throw notJson()
  const unknown = Object.keys(body).filter((name) => !known.has(name))
  if (unknown.length > 0) throw complain(unknown)
  const param = beyond.find((name) => body[name] !== undefined && body[name] !== null)
  if (param === undefined) return body
  throw beyondTheFake(`'${param}'`, param)
}

/** What the Responses API says of a parameter that nobody knows. */
export function unknownParameter([param = '']: readonly string[]): ApiError {
  return new ApiError(`Unknown parameter: '${param}'.`, { param, code: 'unknown_parameter' })
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

type SplitTools = Pick<ResponsesBody, 'tools' | 'hosted_tools'>

const known = new WeakMap<readonly (FunctionTool | HostedTool)[], SplitTools>()

/** Functions and hosted tools stand apart, so that scripts need not tell them from each other. */
function splitTools(tools: readonly (FunctionTool | HostedTool)[]): SplitTools {
  let split = known.get(tools)
  if (!split) known.set(tools, (split = apart(tools)))
  return split
}

function apart(tools: readonly (FunctionTool | HostedTool)[]): SplitTools {
  const functions = tools.filter((tool) => tool.type === 'function')
  const hosted = tools.filter((tool) => tool.type !== 'function')
  return { ...(functions.length > 0 && { tools: functions }), ...(hosted.length > 0 && { hosted_tools: hosted }) }
}
