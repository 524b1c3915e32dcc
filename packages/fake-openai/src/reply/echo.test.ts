import { describe, expect, test } from 'vitest'
import { manualClock } from '@reprise/testing'
import { sdk, tool } from '../sdk.fixture.ts'

const right = { model: 'gpt-4.1-mini', input: 'Hi' }

describe('a response', () => {
  test('repeats what was asked', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const asked = {
      truncation: 'auto',
      top_logprobs: 3,
      max_tool_calls: 2,
      safety_identifier: 'who',
      prompt_cache_key: 'key',
      prompt_cache_retention: '24h',
      service_tier: 'flex',
      metadata: { a: 'b' },
      text: { format: { type: 'text' }, verbosity: 'low' },
    } as const
    expect(await service.client.responses.create({ ...right, ...asked })).toMatchObject(asked)
  })

  test('says what holds where nothing was asked: functions are strict, formats are not', async () => {
    await using service = await sdk(() => ({ text: '{}' }))
    const { strict: _, ...loose } = tool
    const format = { type: 'json_schema' as const, name: 'answer', schema: tool.parameters }
    const request = { ...right, tools: [loose as typeof tool, { type: 'web_search' as const }], text: { format } }
    const { tools, text, truncation, top_logprobs: top } = await service.client.responses.create(request)
    expect({ tools, text, truncation, top }).toEqual({
      tools: [tool, { type: 'web_search' }],
      text: { format: { ...format, description: null, strict: false }, verbosity: 'medium' },
      truncation: 'disabled',
      top: 0,
    })
  })

  test('names the tools that the platform runs once, and a script has them apart from its functions', async () => {
    const seen: unknown[] = []
    await using service = await sdk(({ body }) => {
      seen.push(body.tools, body.hosted_tools)
      return { text: 'Hello' }
    })
    const tools = ['web_search', 'computer', 'shell', 'apply_patch', 'local_shell'].map((type) => ({ type }))
    const answer = await service.client.post<{ readonly tools: unknown }>('/responses', { body: { ...right, tools } })
    expect(answer.tools).toEqual(tools)
    expect(seen).toEqual([undefined, tools])
  })
})

describe('the headers of an answer', () => {
  test.for([
    ['POST', 'responses', 200, true],
    ['POST', 'chat/completions', 400, false],
    ['GET', 'models', 200, false],
  ] as const)(
    'to %s /v1/%s have the time that it took (%d), and the limits where a model was asked: %s',
    async ([method, path, status, limits]) => {
      const clock = manualClock()
      await using service = await sdk(() => ({ text: 'Hello', delayMs: 20 }), { clock })
      const asked = fetch(`${service.fake.url}/${path}`, {
        method,
        headers: { authorization: 'Bearer sk-test' },
        ...(method === 'POST' && { body: JSON.stringify(right) }),
      })
      while (path === 'responses' && clock.pending < 1) await clock.advance(0)
      await clock.advance(20)
      const { headers, status: got } = await asked
      expect([got, headers.has('x-ratelimit-limit-requests')]).toEqual([status, limits])
      expect(headers.get('openai-version')).toBe('2020-10-01')
      if (path === 'responses') expect(headers.get('openai-processing-ms')).toBe('20')
      else expect(headers.has('openai-processing-ms')).toBe(true)
    },
  )
})
