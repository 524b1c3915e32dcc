import { ApiError } from '../http/api-error.ts'
import type { Parameters } from '../http/call.ts'
import type { FakeModel } from '../models/models.ts'
import { checkAll, listOf, orNull } from '../validate/checks.ts'
import { anyNamed, type Named, validateFiles } from '../validate/named.ts'
import { chatParameters } from '../validate/parameters.ts'
import { knownBody, modelOf, validateSampling, type ValidRequest } from '../validate/validate.ts'
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
  validateMessages(known['messages'])
  checkAll(known, { ...chatParameters, ...own })
  // The fields that are looked at are checked.
  const chat = known as unknown as ChatBody
  if (chat.stream_options && !chat.stream) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    throw new ApiError(message, { param: 'stream_options' })
  }
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
  if (!model.gpt6 && chat.reasoning_effort) throw unrecognized(['reasoning_effort'])
  validateSampling(body, model)
  if (model.gpt6) validateGpt6(chat, model)
  return { chat, body, model }
}

function unrecognized(names: readonly string[]): ApiError {
  return new ApiError(`Unrecognized request argument${names.length > 1 ? 's' : ''} supplied: ${names.join(', ')}`)
}

/** A tool as it is checked, at its place among the others. */
function flat({ type, function: described, custom }: ChatTool): object {
  return { ...described, ...custom, type }
}

/** GPT-6 takes functions here only where it does not reason, and its limit of tokens by the new name alone. */
function validateGpt6({ max_tokens: maxTokens, tools, reasoning_effort: effort }: ChatBody, { id }: FakeModel): void {
  if (maxTokens !== undefined && maxTokens !== null) {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    throw new ApiError(message, { param: 'max_tokens', code: 'unsupported_parameter' })
  }
  if (tools?.length && effort !== 'none') {
    const message = `Function tools with reasoning_effort are not supported for ${id} in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.`
    throw new ApiError(message, { param: 'reasoning_effort' })
  }
}
