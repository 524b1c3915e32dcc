import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'

/** What the fake says of a body: its error, or `ok`. */
async function verdictOf(body: unknown): Promise<unknown> {
  await using fake = await fakeOpenAI(() => ({ text: 'Hello' }))
  const response = await fetch(`${fake.url}/responses`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-test' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const answer = (await response.json()) as { readonly error?: unknown }
  return response.ok ? 'ok' : { status: response.status, ...(answer.error as object) }
}

const model = 'gpt-4.1-mini'
const served =
  'It serves /v1/responses, /v1/chat/completions, /v1/conversations, /v1/embeddings, /v1/moderations, /v1/models, /v1/files, /v1/batches.'
const right = { model, input: 'Hi' }
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const tool = { type: 'function', name: 'get_weather', parameters, strict: true }
const call = { type: 'function_call', call_id: 'call_x', name: 'get_weather', arguments: '{}' }
const output = { type: 'function_call_output', call_id: 'call_x', output: 'Rain' }

function withSchema(schema: object): object {
  return { ...right, tools: [{ ...tool, parameters: schema }] }
}

function withOutput(schema: object, name = 'answer'): object {
  return { ...right, text: { format: { type: 'json_schema', strict: true, name, schema } } }
}

/** A wrong body, and the complaint: message, param, code. */
const wrong: [body: unknown, message: string, param: string | null, code: string | null][] = [
  [
    'no json',
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload.)",
    null,
    null,
  ],
  [{ input: 'Hi' }, "Missing required parameter: 'model'.", 'model', 'missing_required_parameter'],
  [{ model }, "Missing required parameter: 'input'.", 'input', 'missing_required_parameter'],
  [{ ...right, model: 'gpt-9' }, "The requested model 'gpt-9' does not exist.", 'model', 'model_not_found'],
  [{ ...right, messages: [] }, "Unknown parameter: 'messages'.", 'messages', 'unknown_parameter'],
  [
    { ...right, reasoning: { effort: 'none' } },
    "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
    'reasoning.effort',
    'unsupported_parameter',
  ],
  [
    { model, input: 7 },
    "Invalid type for 'input': expected one of a string or array of objects, but got an integer instead.",
    'input',
    'invalid_type',
  ],
  [
    { ...right, prompt: { id: 'pmpt_1' } },
    "'prompt' is more than this fake server can do. Leave it out, or ask the platform.",
    'prompt',
    null,
  ],
  [
    { ...right, tools: [{ type: 'magic' }] },
    "Invalid value: 'magic'. Supported values are: 'function', 'web_search', 'web_search_2025_08_26', 'web_search_preview', 'web_search_preview_2025_03_11', 'file_search', 'code_interpreter', 'image_generation', 'mcp', 'computer', 'computer_use_preview', 'custom', 'local_shell', 'shell', 'apply_patch', 'tool_search', 'namespace', and 'programmatic_tool_calling'.",
    'tools[0].type',
    'invalid_value',
  ],
  [
    { ...right, temperature: 3 },
    "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
    'temperature',
    'decimal_above_max_value',
  ],
  [
    { ...right, max_output_tokens: 1 },
    "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 1 instead.",
    'max_output_tokens',
    'integer_below_min_value',
  ],
  [
    { ...right, tools: [null] },
    "Invalid type for 'tools[0]': expected an object, but got null instead.",
    'tools[0]',
    'invalid_type',
  ],
  [
    { model, input: [{ role: 'user', content: [null] }] },
    "Invalid type for 'input[0].content[0]': expected an object, but got null instead.",
    'input[0].content[0]',
    'invalid_type',
  ],
  [
    { ...right, tools: [{ ...tool, strict: false, parameters: { type: 'object', properties: null } }] },
    "Invalid schema for function 'get_weather': None is not of type 'object'.",
    'tools[0].parameters',
    'invalid_function_parameters',
  ],
  [
    withOutput({ ...parameters, required: 'city' }),
    "Invalid schema for response_format 'answer': 'city' is not of type 'array'.",
    'text.format.schema',
    'invalid_json_schema',
  ],
  [
    { model, input: [] },
    'One of "input" or "previous_response_id" or \'prompt\' or \'conversation_id\' must be provided.',
    'input',
    'missing_required_parameter',
  ],
  [
    { ...right, text: { format: { type: 'json_object' } } },
    "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
    'input',
    null,
  ],
  [
    { ...right, truncation: 'middle' },
    "Invalid value: 'middle'. Supported values are: 'auto', and 'disabled'.",
    'truncation',
    'invalid_value',
  ],
  [
    { ...right, service_tier: 'slow' },
    "Invalid value: 'slow'. Supported values are: 'auto', 'default', 'flex', 'scale', 'priority', 'fast', and 'ultrafast'.",
    'service_tier',
    'invalid_value',
  ],
  [
    { ...right, metadata: { tries: 3 } },
    "Invalid type for 'metadata.tries': expected a string, but got an integer instead.",
    'metadata.tries',
    'invalid_type',
  ],
  [
    { ...right, metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v'])) },
    "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
    'metadata',
    'object_above_max_properties',
  ],
  [
    { ...right, top_logprobs: 21 },
    "Invalid 'top_logprobs': integer above maximum value. Expected a value <= 20, but got 21 instead.",
    'top_logprobs',
    'integer_above_max_value',
  ],
  [
    { ...right, text: { verbosity: 'chatty' } },
    "Invalid value: 'chatty'. Supported values are: 'low', 'medium', and 'high'.",
    'text.verbosity',
    'invalid_value',
  ],
  [
    { ...right, stream: 'yes' },
    "Invalid type for 'stream': expected a boolean, but got a string instead.",
    'stream',
    'invalid_type',
  ],
  [
    { ...right, model: 'gpt-6-luna', temperature: 0.5 },
    "Unsupported parameter: 'temperature' is not supported with this model.",
    'temperature',
    null,
  ],
  [
    { model, input: [{ role: 'tool', content: 'x' }] },
    "Invalid value: 'tool'. Supported values are: 'assistant', 'system', 'developer', and 'user'.",
    'input[0].role',
    'invalid_value',
  ],
  [
    { model, input: [{ role: 'user' }] },
    "Missing required parameter: 'input[0].content'.",
    'input[0].content',
    'missing_required_parameter',
  ],
  [
    { model, input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
    "Invalid value: 'input_text'. Supported values are: 'output_text', and 'refusal'.",
    'input[0].content[0].type',
    'invalid_value',
  ],
  [
    { model, input: [{ ...call, arguments: {} }, output] },
    "Invalid type for 'input[0].arguments': expected a string, but got an object instead.",
    'input[0].arguments',
    'invalid_type',
  ],
  [{ model, input: [call] }, 'No tool output found for function call call_x.', 'input', null],
  [{ model, input: [output] }, 'No tool call found for function call output with call_id call_x.', 'input', null],
  [
    { model, input: [call, call, output] },
    'Duplicate function call found with call_id call_x. Remove duplicate items from your input and try again.',
    'input',
    null,
  ],
  [
    { model, input: [call, output, output] },
    'Duplicate function call output found with call_id call_x. Remove duplicate items from your input and try again.',
    'input',
    null,
  ],
  [
    { model, input: [{ ...call, call_id: 'c'.repeat(65) }] },
    "Invalid 'input[0].call_id': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
    'input[0].call_id',
    'string_above_max_length',
  ],
  [
    { ...right, tools: [{ ...tool, name: 'get weather' }] },
    "Invalid 'tools[0].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    'tools[0].name',
    'invalid_value',
  ],
  [
    { ...right, tools: [tool, { ...tool, name: 'x'.repeat(65) }] },
    "Invalid 'tools[1].name': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
    'tools[1].name',
    'string_above_max_length',
  ],
  [
    withSchema({ ...parameters, additionalProperties: true }),
    "Invalid schema for function 'get_weather': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    'tools[0].parameters',
    'invalid_function_parameters',
  ],
  [
    withSchema({ ...parameters, required: [] }),
    "Invalid schema for function 'get_weather': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'city'.",
    'tools[0].parameters',
    'invalid_function_parameters',
  ],
  [
    withOutput({ ...parameters, properties: { city: { type: 'array' } } }),
    "Invalid schema for response_format 'answer': In context=('properties', 'city'), array schema missing items.",
    'text.format.schema',
    'invalid_json_schema',
  ],
  [
    withOutput({ type: 'array', items: parameters }),
    "Invalid schema for response_format 'answer': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
    'text.format.schema',
    'invalid_json_schema',
  ],
  [
    { ...right, tools: [tool], tool_choice: 'always' },
    "Invalid value: 'always'. Supported values are: 'none', 'auto', and 'required'.",
    'tool_choice',
    'invalid_value',
  ],
  [
    { ...right, tool_choice: 'required' },
    "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    'tool_choice',
    null,
  ],
  [
    {
      ...right,
      tools: [tool],
      tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'get_wether' }] },
    },
    "Tool choice 'get_wether' not found in 'tools' parameter.",
    'tool_choice',
    null,
  ],
  [
    { ...right, tools: [tool], tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [] } },
    "Invalid 'tool_choice.tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    'tool_choice.tools',
    'empty_array',
  ],
  [
    { model: 'gpt-4o-mini', input: 'word '.repeat(130_000) },
    'Your input exceeds the context window of this model. Please adjust your input and try again.',
    'input',
    'context_length_exceeded',
  ],
]

describe('a wrong request', () => {
  test.for(wrong)('%# is refused as the platform does it: %s', async ([body, message, param, code]) => {
    expect(await verdictOf(body)).toEqual({ status: 400, message, type: 'invalid_request_error', param, code })
  })

  test.for<[method: string, path: string, status: number, message: string]>([
    ['POST', 'magic', 404, 'Invalid URL (POST /v1/magic)'],
    ['GET', 'files/%E0%A4%A', 404, 'Invalid URL (GET /v1/files/%E0%A4%A)'],
    ['GET', 'models/%', 404, 'Invalid URL (GET /v1/models/%)'],
    [
      'POST',
      'audio/speech',
      400,
      `POST /v1/audio/speech is more than this fake server can do. ${served} Leave it out, or ask the platform.`,
    ],
    [
      'GET',
      'threads/thread_1/messages',
      400,
      `GET /v1/threads/thread_1/messages is more than this fake server can do. ${served} Leave it out, or ask the platform.`,
    ],
  ])('to the address %s /v1/%s is told so', async ([method, path, status, message]) => {
    await using fake = await fakeOpenAI(() => ({}))
    const response = await fetch(`${fake.url}/${path}`, {
      method,
      headers: { authorization: 'Bearer x' },
      ...(method === 'POST' && { body: '{}' }),
    })
    expect([response.status, await response.json()]).toEqual([
      status,
      { error: { message, type: 'invalid_request_error', param: null, code: null } },
    ])
  })
})

describe('a right request', () => {
  test.for<[what: string, body: object]>([
    ['with luna and no reasoning', { ...right, model: 'gpt-6-luna', temperature: 0.5, reasoning: { effort: 'none' } }],
    ['with calls and outputs', { model, input: [{ role: 'user', content: 'Hi' }, call, output] }],
    ['with a choice of tools', { ...right, tools: [tool], tool_choice: { type: 'function', name: 'get_weather' } }],
    [
      'with a schema that is not strict',
      { ...right, tools: [{ ...tool, strict: false, parameters: { type: 'object' } }] },
    ],
    [
      'with an output of parts',
      { model, input: [call, { ...output, output: [{ type: 'input_text', text: 'Rain' }] }] },
    ],
  ])('%s is taken', async ([, body]) => {
    expect(await verdictOf(body)).toBe('ok')
  })
})
