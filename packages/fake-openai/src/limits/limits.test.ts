import { manualClock } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { sdk } from '../sdk.fixture.ts'

const model = 'gpt-4.1-mini'

/** A fake on a clock of its own, with limits, and what one ask of it comes to. */
async function limited(limits: { requestsPerMinute?: number; tokensPerMinute?: number }) {
  const clock = manualClock()
  const { fake, client, ...service } = await sdk(() => ({ text: 'Hello' }), { clock, limits: { [model]: limits } })

  async function ask(input = 'Hi', name = model): Promise<{ status: number; headers: Headers; error: unknown }> {
    const response = await fetch(`${fake.url}/responses`, {
      method: 'POST',
      headers: { authorization: 'Bearer x' },
      body: JSON.stringify({ model: name, input }),
    })
    const { error } = (await response.json()) as { readonly error: unknown }
    return { status: response.status, headers: response.headers, error }
  }

  return { fake, client, clock, ask, ...service }
}

/** The headers of a limit, and those that tell how long to wait. */
function told(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => /ratelimit|retry/.test(name)))
}

describe('the limits of a model', () => {
  test('are those of the highest tier where nothing else is said, and stand in the headers', async () => {
    await using service = await limited({})
    expect(told((await service.ask()).headers)).toEqual({
      'x-ratelimit-limit-requests': '30000',
      'x-ratelimit-limit-tokens': '150000000',
      'x-ratelimit-remaining-requests': '29999',
      'x-ratelimit-remaining-tokens': '149999996',
      'x-ratelimit-reset-requests': '2ms',
      'x-ratelimit-reset-tokens': '0s',
    })
  })

  test('refuse a request too many, tell how long to wait, and let it through after that', async () => {
    await using service = await limited({ requestsPerMinute: 2 })
    await service.ask()
    await service.ask()
    const { status, headers, error } = await service.ask()
    expect([status, error]).toEqual([
      429,
      {
        message:
          'Rate limit reached for gpt-4.1-mini in organization org-fake on requests per min (RPM): Limit 2, Used 2, Requested 1. Please try again in 30s. Visit https://platform.openai.com/account/rate-limits to learn more.',
        type: 'requests',
        param: null,
        code: 'rate_limit_exceeded',
      },
    ])
    expect(told(headers)).toMatchObject({
      'retry-after': '30',
      'retry-after-ms': '30000',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m0s',
    })
    await service.clock.advance(29_999)
    expect((await service.ask()).status).toBe(429)
    await service.clock.advance(1)
    expect((await service.ask()).status).toBe(200)
  })

  test('refuse tokens too many by the number of characters', async () => {
    await using service = await limited({ tokensPerMinute: 1_000 })
    expect((await service.ask('x'.repeat(2_400))).headers.get('x-ratelimit-remaining-tokens')).toBe('397')
    const { headers, error } = await service.ask('x'.repeat(2_400))
    expect(error).toMatchObject({
      type: 'tokens',
      message: expect.stringContaining(
        'on tokens per min (TPM): Limit 1000, Used 603, Requested 603. Please try again in 12.36s.',
      ),
    })
    expect(headers.get('retry-after-ms')).toBe('12360')
    await service.clock.advance(12_360)
    expect((await service.ask('x'.repeat(2_400))).status).toBe(200)
  })

  test('refuse for good what is over them alone', async () => {
    await using service = await limited({ tokensPerMinute: 100 })
    const { status, headers, error } = await service.ask('x'.repeat(2_400))
    expect([status, headers.get('retry-after')]).toEqual([429, null])
    expect(error).toMatchObject({
      code: 'rate_limit_exceeded',
      message: expect.stringContaining('Request too large for gpt-4.1-mini in organization org-fake on tokens per min'),
    })
  })

  test('are each model’s own, whatever the name it is asked by', async () => {
    await using service = await limited({ requestsPerMinute: 1 })
    const statuses = [
      await service.ask(),
      await service.ask('Hi', 'gpt-4.1'),
      await service.ask('Hi', 'gpt-4.1-mini-2025-04-14'),
    ].map(({ status }) => status)
    expect(statuses).toEqual([200, 200, 429])
  })

  test('hold for Chat Completions too, and not for batches or what a script never sees', async () => {
    await using service = await limited({ requestsPerMinute: 1 })
    await service.ask(7 as unknown as string)
    const messages = [{ role: 'user' as const, content: 'Hi' }]
    await service.client.chat.completions.create({ model, messages })
    await expect(service.client.chat.completions.create({ model, messages })).rejects.toMatchObject({ status: 429 })
  })
})
