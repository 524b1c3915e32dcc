import { zodFunction, zodResponseFormat } from 'openai/helpers/zod'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fakeOpenAI } from '../fake-openai.ts'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import type { FakeReply } from '../script/script.ts'
import { chatTool, sdk, tool } from '../sdk.fixture.ts'

const messages = [{ role: 'user', content: 'Hi' }] as const
const request = { model: 'gpt-4.1-mini', messages: [...messages], tools: [chatTool] }
const calls = [{ name: 'get_weather', arguments: { city: 'Paris' }, callId: 'call_a' }]

describe('the official SDK, on Chat Completions', () => {
  test('gets the reply of the script that serves the Responses API too', async () => {
    await using service = await sdk(({ api, body }) => ({ text: `${api} ${JSON.stringify(body.input)}` }))
    const ask = { model: 'gpt-4.1-mini', messages: [...messages] }
    const completion = await service.client.chat.completions.create(ask)
    const response = await service.client.responses.create({ model: 'gpt-4.1-mini', input: [...messages] })
    expect(completion.choices[0]?.message.content).toBe('chat [{"type":"message","role":"user","content":"Hi"}]')
    expect(response.output_text).toBe('responses [{"role":"user","content":"Hi"}]')
    expect(completion.usage?.prompt_tokens).toBe(response.usage?.input_tokens)
    expect(completion.model).toBe('gpt-4.1-mini-2025-04-14')
  })

  test('streams a reply and folds it to the same object', async () => {
    await using service = await sdk(() => ({ text: 'Let me see: 3 °C or more?', calls }))
    const stream = service.client.chat.completions.stream({ ...request, stream_options: { include_usage: true } })
    let text = ''
    stream.on('content', (delta) => (text += delta))
    const streamed = await stream.finalChatCompletion()
    const whole = await service.client.chat.completions.create(request)
    expect(text).toBe('Let me see: 3 °C or more?')
    expect(streamed.choices[0]?.finish_reason).toBe('tool_calls')
    expect(streamed.choices[0]?.message).toMatchObject({
      content: whole.choices[0]?.message.content,
      tool_calls: whole.choices[0]?.message.tool_calls,
    })
    expect(streamed.usage).toEqual(whole.usage)
  })

  test('runs tools until there is an answer', async () => {
    await using service = await sdk(({ body }) => {
      const result = body.input.find((item) => item.type === 'function_call_output')
      return result ? { text: `It is ${JSON.stringify(result.output)}.` } : { calls }
    })
    const asked: string[] = []
    const weather = zodFunction({
      name: 'get_weather',
      parameters: z.object({ city: z.string() }),
      function: ({ city }) => {
        asked.push(city)
        return 'rainy'
      },
    })
    const { completions } = service.client.chat
    const ask = { model: 'gpt-4.1-mini', messages: [...messages], tools: [weather] }
    expect(await completions.runTools(ask).finalContent()).toBe('It is "rainy".')
    expect(await completions.runTools({ ...ask, stream: true }).finalContent()).toBe('It is "rainy".')
    expect(asked).toEqual(['Paris', 'Paris'])
  })

  test('parses an answer by a schema of Zod, and sees a refusal', async () => {
    await using service = await sdk(({ n }) => (n === 1 ? { text: '{"degrees":3}' } : { refusal: 'No.' }))
    const format = zodResponseFormat(z.object({ degrees: z.number() }), 'weather')
    const ask = { model: 'gpt-4.1-mini', messages: [...messages], response_format: format }
    const { choices: parsed } = await service.client.chat.completions.parse(ask)
    expect(parsed[0]?.message.parsed).toEqual({ degrees: 3 })
    const { choices: refused } = await service.client.chat.completions.parse(ask)
    expect(refused[0]?.message).toMatchObject({ refusal: 'No.', content: null })
  })

  test('asks the script in the words of the Responses API', async () => {
    const seen: unknown[] = []
    await using service = await sdk(({ body: { input, tools, tool_choice: choice, text, ...body } }) => {
      seen.push(input, tools, choice, text, body)
      return { text: '{}' }
    })
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false }
    await service.client.chat.completions.create({
      ...request,
      messages: [
        { role: 'system', content: 'Be kind.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See?' },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'I see.' }], refusal: 'No.' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'call_a', content: [{ type: 'text', text: 'rainy' }] },
      ],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } },
      model: 'gpt-6-luna',
      reasoning_effort: 'none',
      max_completion_tokens: 50,
      user: 'u1',
    })
    expect(seen).toEqual([
      [
        { type: 'message', role: 'system', content: 'Be kind.' },
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'See?' },
            { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'low' },
          ],
        },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'I see.' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
        { type: 'function_call', call_id: 'call_a', name: 'get_weather', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_a', output: [{ type: 'input_text', text: 'rainy' }] },
      ],
      [tool],
      { type: 'function', name: 'get_weather' },
      { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
      { model: 'gpt-6-luna', reasoning: { effort: 'none' }, max_output_tokens: 50, user: 'u1' },
    ])
  })

  test('is cut at the limit of tokens', async () => {
    await using service = await sdk(() => ({ text: 'one two three four five six seven eight' }))
    const { choices, usage } = await service.client.chat.completions.create({ ...request, max_completion_tokens: 4 })
    expect(choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'one two three four' } })
    expect(usage?.completion_tokens).toBe(4)
  })
})

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

// Reading the description takes a while, which is not the first test's.
if (openapiIsThere) openapiComplaint('CreateChatCompletionResponse', undefined)

const replies: FakeReply[] = [
  { text: 'Hello there' },
  { text: 'Hello', calls },
  { calls: [...calls, { name: 'get_weather' }] },
  { refusal: 'No.' },
  { text: 'Hel', finish: 'length' },
  { finish: 'content-filter' },
  {},
]

describe.skipIf(!openapiIsThere)('what the fake sends (skipped where ../shared/data is not there)', () => {
  test.for(replies)('for %j is as the platform describes it, whole and chunk by chunk', async (reply) => {
    await using service = await sdk(() => reply)
    const { completions } = service.client.chat
    const whole = await completions.create(request).asResponse()
    expect(openapiComplaint('CreateChatCompletionResponse', await whole.json())).toBeUndefined()
    const ask = { ...request, stream: true as const, stream_options: { include_usage: true } }
    const streamed = await completions.create(ask).asResponse()
    const text = await streamed.text()
    expect(text).toMatch(/\n\ndata: \[DONE\]\n\n$/)
    const lines = text.split('\n').filter((line) => line.startsWith('data: {'))
    expect(lines.length).toBeGreaterThan(2)
    for (const line of lines)
      expect(openapiComplaint('CreateChatCompletionStreamResponse', withoutNulls(line.slice(6)))).toBeUndefined()
  })
})

/** The platform sends `null` for the usage of a chunk, and its description knows of none there. */
function withoutNulls(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => (key === 'usage' && value === null ? undefined : value))
}
