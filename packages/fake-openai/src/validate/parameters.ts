import { ApiError, wrongType } from '../http/api-error.ts'
import {
  type Check,
  decimal,
  fields,
  flag,
  integer,
  listOf,
  objectAt,
  oneOf,
  orNull,
  text,
  textUpTo,
  tooMany,
} from '../checks/checks.ts'

const MAX_PAIRS = 16
const MAX_NAME = 64
const MAX_VALUE = 512

/** Pairs of texts of the caller's own. */
export const metadata: Check = (value, at) => {
  const pairs = Object.entries(objectAt(value, at))
  if (pairs.length > MAX_PAIRS) throw tooMany('object', 'properties', pairs.length, MAX_PAIRS, at)
  for (const [name, said] of pairs) {
    if (name.length > MAX_NAME) throw nameTooLong(name, at)
    textUpTo(MAX_VALUE)(said, `${at}.${name}`)
  }
}

/** The platform's own words for this are not known; that it is refused is described. */
function nameTooLong({ length }: string, param: string): ApiError {
  const message = `Invalid '${param}': property name too long. Expected a property name with maximum length ${MAX_NAME}, but got a property name with length ${length} instead.`
  return new ApiError(message, { param, code: 'string_above_max_length' })
}

/** How long a model thinks. */
const effort: Check = oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')

/** How much a model says. */
const verbosity: Check = oneOf('low', 'medium', 'high')

const summary = orNull(oneOf('auto', 'concise', 'detailed'))
const tiers = ['auto', 'default', 'flex', 'scale', 'priority', 'fast']

/** What the parameters of both APIs must be, as the platform's description of them says. */
const common: Readonly<Record<string, Check>> = {
  temperature: orNull(decimal(0, 2)),
  top_p: orNull(decimal(0, 1)),
  top_logprobs: orNull(integer(0, 20)),
  metadata: orNull(metadata),
  prompt_cache_key: orNull(text),
  prompt_cache_options: fields({ ttl: text, mode: text }),
  prompt_cache_retention: orNull(oneOf('in_memory', '24h')),
  safety_identifier: orNull(textUpTo(64)),
  moderation: orNull(fields({ model: text }, 'model')),
  store: orNull(flag),
  stream: orNull(flag),
  user: orNull(text),
}

/** What the parameters of the Responses API must be. */
export const responsesParameters: Readonly<Record<string, Check>> = {
  ...common,
  background: orNull(flag),
  context_management: orNull(
    listOf(fields({ type: text, compact_threshold: orNull(integer(1000)) }, 'type'), { min: 1 }),
  ),
  include: orNull(
    listOf(
      oneOf(
        'file_search_call.results',
        'web_search_call.results',
        'web_search_call.action.sources',
        'message.input_image.image_url',
        'computer_call_output.output.image_url',
        'code_interpreter_call.outputs',
        'reasoning.encrypted_content',
        'message.output_text.logprobs',
      ),
      { of: 'an array of strings' },
    ),
  ),
  instructions: orNull(text),
  max_output_tokens: orNull(integer(16)),
  max_tool_calls: orNull(integer()),
  parallel_tool_calls: orNull(flag),
  previous_response_id: orNull(text),
  reasoning: orNull(
    fields({
      effort: orNull(effort),
      summary,
      generate_summary: summary,
      context: orNull(oneOf('auto', 'current_turn', 'all_turns')),
      mode: text,
    }),
  ),
  service_tier: orNull(oneOf(...tiers, 'ultrafast')),
  stream_options: orNull(fields({ include_obfuscation: flag })),
  text: orNull(fields({ verbosity: orNull(verbosity) })),
  truncation: orNull(oneOf('auto', 'disabled')),
}

/** Where a reply ends: a text, or up to four of them. Recorded traffic has none of them, which the description has not. */
const stop: Check = (value, at) => {
  if (typeof value === 'string') return
  if (!Array.isArray(value)) throw wrongType(at, 'one of a string or an array of strings', value)
  listOf(text, { max: 4 })(value, at)
}

const bias: Check = (value, at) => {
  for (const [token, weight] of Object.entries(objectAt(value, at))) integer()(weight, `${at}.${token}`)
}

/** What the parameters of Chat Completions must be, beside those that are about its messages and tools. */
export const chatParameters: Readonly<Record<string, Check>> = {
  ...common,
  frequency_penalty: orNull(decimal(-2, 2)),
  presence_penalty: orNull(decimal(-2, 2)),
  logit_bias: orNull(bias),
  logprobs: orNull(flag),
  max_completion_tokens: orNull(integer(1)),
  max_tokens: orNull(integer(1)),
  modalities: orNull(listOf(oneOf('text', 'audio'), { of: 'an array of strings' })),
  n: orNull(integer(1, 128)),
  parallel_tool_calls: flag,
  prediction: orNull(objectAt),
  reasoning_effort: orNull(effort),
  seed: orNull(integer(-(2 ** 63), 2 ** 63)),
  service_tier: orNull(oneOf(...tiers)),
  stop: orNull(stop),
  verbosity: orNull(verbosity),
}
