import { ApiError } from '../http/api-error.ts'
import type { Parameters } from '../http/call.ts'
import { type FakeModel, isReasoning } from '../models/model.ts'
import { checkAll, listOf, orNull } from '../checks/checks.ts'
import { anyNamed, type Named, validateFiles } from '../validate/named.ts'
import { chatParameters } from '../validate/parameters.ts'
import { validateForModel } from '../validate/reasoning.ts'
import { knownBody, modelOf, type ValidRequest } from '../validate/validate.ts'
import { validateFormat, validateTools } from '../validate/validate-tools.ts'
import type { ChatBody, ChatTool } from './body.ts'
import { chatTool, responseFormat, streamOptions, toolChoice } from './parts.ts'
import { translate } from './translate.ts'
import { validateMessages } from './validate-messages.ts'

/** The parameters of `POST /v1/chat/completions` that the platform knows. */
const parameters = new Set(
  `audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages
  metadata modalities model moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key
  prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier stop
  store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options`.split(
    /\s+/,
  ),
)

/** What the platform takes and the fake cannot: it says so. */
const beyond = ['audio', 'function_call', 'functions', 'web_search_options'] as const

const own = {
  stream_options: orNull(streamOptions),
  tools: orNull(listOf(chatTool)),
  tool_choice: orNull(toolChoice),
  response_format: orNull(responseFormat),
}

/** A right request of Chat Completions: as it came, and in the words of the Responses API. */
export interface ValidChat extends ValidRequest {
  readonly chat: ChatBody
}

/**
 * Holds a request to what the platform accepts.
 *
 * @throws ApiError with the platform's first complaint.
 */
export function validateChat(sent: Parameters | undefined, named: Named = anyNamed): ValidChat {
  const known = knownBody(sent, parameters, beyond, unrecognized)
  const model = modelOf(known['model'], 404, named.find)
  if (model.chat === 'none') {
    const message = 'This model is only supported in v1/responses and not in v1/chat/completions.'
    throw new ApiError(message, { status: 404, param: 'model' })
  }
  validateMessages(known['messages'])
  checkAll(known, { ...chatParameters, ...own })
  // The fields that are looked at are checked.
  const chat = known as unknown as ChatBody
  if (chat.stream_options && !chat.stream) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    throw new ApiError(message, { param: 'stream_options' })
  }
  if (chat.metadata && !chat.store)
    throw new ApiError("The 'metadata' parameter is only allowed when 'store' is enabled.", { param: 'metadata' })
  if (chat.top_logprobs !== undefined && chat.top_logprobs !== null && !chat.logprobs) {
    const message = "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."
    throw new ApiError(message, { param: 'top_logprobs' })
  }
  if (chat.response_format?.type === 'json_object' && !/json/i.test(JSON.stringify(chat.messages))) {
    const message =
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    throw new ApiError(message, { param: 'messages' })
  }
  validateFiles(chat.messages, 'messages', named.hasFile)
  const body = translate(chat)
  validateTools(chat.tools?.map(flat), body.tool_choice, '.function')
  if (chat.response_format?.type === 'json_schema') validateFormat(body.text?.format, 'response_format.json_schema')
  if (model.reasons === 'never' && chat.reasoning_effort) throw unrecognized(['reasoning_effort'])
  validateForModel(body, model, 'chat')
  validateForChat(chat, model)
  return { chat, body, model }
}

function unrecognized(names: readonly string[]): ApiError {
  return new ApiError(`Unrecognized request argument${names.length > 1 ? 's' : ''} supplied: ${names.join(', ')}`)
}

/** A tool as it is checked, at its place among the others. */
function flat({ type, function: described, custom }: ChatTool): object {
  return { ...described, ...custom, type }
}

/** Models that reason take their limit of tokens by its new name alone, the later ones functions only without reasoning. */
function validateForChat(chat: ChatBody, model: FakeModel): void {
  const { max_completion_tokens: maxCompletion, max_tokens: maxTokens, tools, reasoning_effort: effort } = chat
  const param = maxCompletion === undefined || maxCompletion === null ? 'max_tokens' : 'max_completion_tokens'
  const most = maxCompletion ?? maxTokens ?? 0
  if (model.reasons !== 'never' && maxTokens !== undefined && maxTokens !== null) {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    throw new ApiError(message, { param: 'max_tokens', code: 'unsupported_parameter' })
  }
  if (most > model.maxOutput) {
    const message = `${param} is too large: ${most}. This model supports at most ${model.maxOutput} completion tokens, whereas you provided ${most}.`
    throw new ApiError(message, { param, code: 'invalid_value' })
  }
  if (tools?.length && model.chat === 'tools-unreasoned' && isReasoning(model, effort ?? null)) {
    const message = `Function tools with reasoning_effort are not supported for ${model.id} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`
    throw new ApiError(message, { param: 'reasoning_effort' })
  }
}
