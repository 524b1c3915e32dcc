import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import { describe, expect, test } from 'vitest'
import { openapiComplaint, openapiIsThere } from '../../../../scripts/openapi.fixture.ts'
import { chatTool, sdk } from '../sdk.fixture.ts'

const messages = [{ role: 'user', content: 'Hi' }] as const
const request = { model: 'gpt-4.1-mini', messages: [...messages], tools: [chatTool], n: 2 }
const calls = [{ name: 'get_weather', arguments: { city: 'Paris' } }]

describe('a request for several replies', () => {
  test('gets each of them from the script, and pays for the prompt once', async () => {
    const asked: unknown[] = []
    await using service = await sdk(({ n, choice }) => {
      asked.push([n, choice])
      return choice === 0 ? { text: 'One two' } : { text: 'Three', calls, finish: 'stop' }
    })
    const { completions } = service.client.chat
    const { choices, usage } = await completions.create(request)
    expect(asked).toEqual([
      [1, 0],
      [1, 1],
    ])
    expect(choices.map(({ index, finish_reason: why, message }) => [index, why, message.content])).toEqual([
      [0, 'stop', 'One two'],
      [1, 'tool_calls', 'Three'],
    ])
    const alone = await completions.create({ ...request, n: 1 })
    expect(usage?.prompt_tokens).toBe(alone.usage?.prompt_tokens)
    expect(usage?.completion_tokens).toBeGreaterThan(alone.usage?.completion_tokens ?? Infinity)
    const { lines } = await service.fake.invoice()
    expect(lines).toMatchObject([
      { requests: 2, outputTokens: (usage?.completion_tokens ?? 0) + (alone.usage?.completion_tokens ?? 0) },
    ])
  })

  test('has them streamed in turns, with ids of their own', async () => {
    await using service = await sdk(({ choice }) => ({ text: choice === 0 ? 'One two' : 'Three', calls }))
    const { completions } = service.client.chat
    const chunks = await Array.fromAsync(await completions.create({ ...request, stream: true }))
    const said = (of: (choice: ChatCompletionChunk.Choice) => unknown) =>
      chunks.flatMap((chunk) => chunk.choices.map((choice) => of(choice)))
    expect(said(({ index, delta }) => `${index}${delta.content ?? ''}`).slice(0, 6)).toEqual([
      '0',
      '1',
      '0One',
      '1Three',
      '0 two',
      '1',
    ])
    expect(said(({ finish_reason: why }) => why).slice(-2)).toEqual(['tool_calls', 'tool_calls'])
    const ids = said(({ delta }) => delta.tool_calls?.[0]?.id).filter((id) => id !== undefined)
    expect(new Set(ids).size).toBe(2)
    const folded = await completions.stream(request).finalChatCompletion()
    expect(folded.choices.map(({ message }) => message.content)).toEqual(['One two', 'Three'])
  })

  test('meets a planned fault once', async () => {
    await using service = await sdk(() => ({ calls }), { faults: [{ n: 1, fault: 'unknown_tool' }] })
    const { choices } = await service.client.chat.completions.create(request)
    const names = choices.flatMap(({ message }) => message.tool_calls ?? [])
    expect(names.map((call) => (call.type === 'function' ? call.function.name : ''))).toEqual([
      'get_weather_v2',
      'get_weather',
    ])
    expect(service.fake.faults).toEqual([{ n: 1, fault: 'unknown_tool' }])
  })
})

describe('a custom tool', () => {
  const sql = { name: 'sql', description: 'Asks a database' }
  const script = { calls: [{ name: 'sql', arguments: 'select 1 from weather', callId: 'call_a' }] }

  test('is called with any text, on both APIs, whole and streamed', async () => {
    const seen: unknown[] = []
    await using service = await sdk(({ body }) => {
      seen.push(body.hosted_tools)
      return script
    })
    const { responses, chat } = service.client
    const asked = { model: 'gpt-4.1-mini', input: 'Hi', tools: [{ type: 'custom' as const, ...sql }] }
    const { output } = await responses.create(asked)
    const called = { type: 'custom_tool_call', call_id: 'call_a', name: 'sql', input: 'select 1 from weather' }
    expect(output).toMatchObject([called])
    expect((await responses.stream(asked).finalResponse()).output).toMatchObject([called])
    const chatted = { ...request, n: 1, tools: [{ type: 'custom' as const, custom: sql }] }
    const { choices } = await chat.completions.create(chatted)
    const expected = [{ id: 'call_a', type: 'custom', custom: { name: 'sql', input: 'select 1 from weather' } }]
    expect(choices[0]?.message.tool_calls).toEqual(expected)
    expect(choices[0]?.finish_reason).toBe('tool_calls')
    const chunks = await Array.fromAsync(await chat.completions.create({ ...chatted, stream: true }))
    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []) as unknown[]
    expect(deltas).toEqual([
      { index: 0, id: 'call_a', type: 'custom', custom: { name: 'sql', input: '' } },
      { index: 0, custom: { input: 'select 1 fr' } },
      { index: 0, custom: { input: 'om weather' } },
    ])
    expect(seen).toEqual(Array.from({ length: 4 }, () => [{ type: 'custom', ...sql }]))
    if (openapiIsThere) expect(openapiComplaint('ChatCompletionResponseMessage', choices[0]?.message)).toBeUndefined()
  })

  test('has its answers in the words of the Responses API for a script, counted as a function’s are', async () => {
    const seen: unknown[] = []
    await using service = await sdk(({ body }) => {
      seen.push(body.input.slice(1))
      return { text: 'One.' }
    })
    const ask = (call: object, tools: object[]) => {
      const made = [
        { role: 'assistant', tool_calls: [{ id: 'a', ...call }] },
        { role: 'tool', tool_call_id: 'a', content: '1' },
      ]
      const body = { ...request, n: 1, tools, messages: [...messages, ...made] }
      return service.client.chat.completions.create(body as unknown as typeof request)
    }
    const custom = await ask({ type: 'custom', custom: { name: 'sql', input: 'select' } }, [
      { type: 'custom', custom: sql },
    ])
    const plain = await ask({ type: 'function', function: { name: 'sql', arguments: 'select' } }, [])
    expect(seen[0]).toEqual([
      { type: 'custom_tool_call', call_id: 'a', name: 'sql', input: 'select' },
      { type: 'custom_tool_call_output', call_id: 'a', output: '1' },
    ])
    expect(custom.usage?.prompt_tokens).toBe(plain.usage?.prompt_tokens)
  })

  test('may be chosen by its name', async () => {
    await using service = await sdk(() => script)
    const ask = { ...request, n: 1, tools: [{ type: 'custom' as const, custom: sql }, chatTool] }
    const choose = (name: string) =>
      service.client.chat.completions.create({ ...ask, tool_choice: { type: 'custom', custom: { name } } })
    expect((await choose('sql')).choices).toHaveLength(1)
    await expect(choose('sqm')).rejects.toThrow("Tool choice 'sqm' not found in 'tools' parameter.")
  })
})
