import { zodFunction, zodResponseFormat } from 'openai/helpers/zod'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
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
