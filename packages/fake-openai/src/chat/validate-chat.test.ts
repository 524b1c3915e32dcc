import { describe, expect, test } from 'vitest'
import { fakeOpenAI } from '../fake-openai.ts'
import { chatTool, sdk } from '../sdk.fixture.ts'

const messages = [{ role: 'user', content: 'Hi' }] as const
const request = { model: 'gpt-4.1-mini', messages: [...messages], tools: [chatTool] }

const calling = { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{}' } }

const wrong: [body: object, message: string, param: string | null, code: string | null][] = [
  [{ messages: undefined }, "Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter'],
  [{ model: 'gpt-9' }, 'The model `gpt-9` does not exist or you do not have access to it.', null, 'model_not_found'],
  [{ input: 'Hi' }, 'Unrecognized request argument supplied: input', null, null],
  [{ maxTokens: 9, thinking: {} }, 'Unrecognized request arguments supplied: maxTokens, thinking', null, null],
  [
    { tools: [null] },
    "Invalid type for 'tools[0]': expected an object, but got null instead.",
    'tools[0]',
    'invalid_type',
  ],
  [
    { messages: [{ role: 'user', content: [null] }] },
    "Invalid type for 'messages[0].content[0]': expected an object, but got null instead.",
    'messages[0].content[0]',
    'invalid_type',
  ],
  [
    { messages: [{ role: 'assistant', content: 'x', tool_calls: {} }] },
    "Invalid type for 'messages[0].tool_calls': expected an array of objects, but got an object instead.",
    'messages[0].tool_calls',
    'invalid_type',
  ],
  [
    { messages: [{ role: 'assistant', tool_calls: [{ id: 'call_a', type: 'function', function: {} }] }] },
    "Missing required parameter: 'messages[0].tool_calls[0].function.name'.",
    'messages[0].tool_calls[0].function.name',
    'missing_required_parameter',
  ],
  [
    { frequency_penalty: 3 },
    "Invalid 'frequency_penalty': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
    'frequency_penalty',
    'decimal_above_max_value',
  ],
  [
    { presence_penalty: '1' },
    "Invalid type for 'presence_penalty': expected a decimal, but got a string instead.",
    'presence_penalty',
    'invalid_type',
  ],
  [{ seed: 1.5 }, "Invalid type for 'seed': expected an integer, but got a decimal instead.", 'seed', 'invalid_type'],
  [
    { stop: ['a', 'b', 'c', 'd', 'e'] },
    "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
    'stop',
    'array_above_max_length',
  ],
  [
    { stop: 7 },
    "Invalid type for 'stop': expected one of a string or an array of strings, but got an integer instead.",
    'stop',
    'invalid_type',
  ],
  [
    { verbosity: 'chatty' },
    "Invalid value: 'chatty'. Supported values are: 'low', 'medium', and 'high'.",
    'verbosity',
    'invalid_value',
  ],
  [
    { top_logprobs: 2 },
    "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
    'top_logprobs',
    null,
  ],
  [
    { response_format: { type: 'json_object' } },
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    'messages',
    null,
  ],
  [
    { n: 0 },
    "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    'n',
    'integer_below_min_value',
  ],
  [
    { tools: [{ type: 'custom', custom: { name: 'x', format: { type: 'grammar' } } }] },
    "Missing required parameter: 'tools[0].custom.format.grammar'.",
    'tools[0].custom.format.grammar',
    'missing_required_parameter',
  ],
  [
    { messages: [{ role: 'user', content: [{ text: 'Hi' }] }] },
    "Missing required parameter: 'messages[0].content[0].type'.",
    'messages[0].content[0].type',
    'missing_required_parameter',
  ],
  [
    { messages: [{ role: 'user', content: null }] },
    "Invalid value for 'content': expected a string, got null.",
    'messages[0].content',
    null,
  ],
  [
    { messages: [...messages, { role: 'assistant', tool_calls: [calling] }] },
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_a",
    'messages',
    null,
  ],
  [
    {
      messages: [
        { role: 'assistant', tool_calls: [calling] },
        { role: 'user', content: 'Well?' },
        { role: 'tool', tool_call_id: 'call_a', content: 'x' },
      ],
    },
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_a",
    'messages',
    null,
  ],
  [
    { messages: [...messages, { role: 'tool', tool_call_id: 'call_a', content: 'x' }] },
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    'messages.[1].role',
    null,
  ],
  [
    { tools: [{ type: 'function', function: { name: 'get weather' } }] },
    "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    'tools[0].function.name',
    'invalid_value',
  ],
  [
    { stream_options: { include_usage: true } },
    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    'stream_options',
    null,
  ],
  [
    { model: 'gpt-6-luna' },
    "Function tools with reasoning_effort are not supported for gpt-6-luna in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
    'reasoning_effort',
    null,
  ],
  [
    { model: 'gpt-6-luna', tools: undefined, max_tokens: 9 },
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    'max_tokens',
    'unsupported_parameter',
  ],
  [{ reasoning_effort: 'none' }, 'Unrecognized request argument supplied: reasoning_effort', null, null],
  [
    { functions: [] },
    "'functions' is more than this fake server can do. Leave it out, or ask the platform.",
    'functions',
    null,
  ],
]

describe('a wrong request of Chat Completions', () => {
  test.for(wrong)('%# is refused as the platform does it: %j', async ([change, message, param, code]) => {
    await using fake = await fakeOpenAI(() => ({ text: 'Hello' }))
    const response = await fetch(`${fake.url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-test' },
      body: JSON.stringify({ ...request, ...change }),
    })
    expect([response.status, await response.json()]).toEqual([
      code === 'model_not_found' ? 404 : 400,
      { error: { message, type: 'invalid_request_error', param, code } },
    ])
  })

  test('is not one with reasoning off, with tools named or allowed, or with results of calls', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { completions } = service.client.chat
    const choice = { mode: 'auto' as const, tools: [{ type: 'function', function: { name: 'get_weather' } }] }
    await completions.create({ ...request, model: 'gpt-6-luna', reasoning_effort: 'none', temperature: 1 })
    await completions.create({ ...request, tool_choice: { type: 'allowed_tools', allowed_tools: choice } })
    const { usage } = await completions.create({
      ...request,
      messages: [
        { role: 'developer', content: 'Be kind.' },
        ...messages,
        {
          role: 'assistant',
          tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_a', content: 'rainy' },
      ],
    })
    expect(usage?.prompt_tokens).toBeGreaterThan(40)
  })
})
