import { describe, expect, test } from 'vitest'
import { chatTool, sdk } from '../sdk.fixture.ts'

describe('stop', () => {
  test.for<[stop: string | string[] | null, text: string]>([
    ['three', 'one two '],
    [['four', 'two'], 'one '],
    ['five', 'one two three four'],
    [null, 'one two three four'],
    [[], 'one two three four'],
  ])('%j ends what is said before it, whole and streamed', async ([stop, text]) => {
    await using service = await sdk(() => ({ text: 'one two three four' }))
    const { completions } = service.client.chat
    const request = { model: 'gpt-4.1-mini', messages: [{ role: 'user' as const, content: 'Count' }], stop }
    const { choices } = await completions.create(request)
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: text } })
    const chunks = await Array.fromAsync(await completions.create({ ...request, stream: true }))
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(text)
  })

  test('lets no call follow, and costs what was said', async () => {
    await using service = await sdk(() => ({ text: 'one two three', calls: [{ name: 'get_weather' }] }))
    const { choices, usage } = await service.client.chat.completions.create({
      model: 'gpt-4.1-mini',
      messages: [{ role: 'user', content: 'Count' }],
      tools: [chatTool],
      stop: ' two',
    })
    expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'one' } })
    expect(choices[0]?.message.tool_calls).toBeUndefined()
    expect(usage?.completion_tokens).toBe(1)
  })
})
