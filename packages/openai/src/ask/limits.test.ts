import { describe, expect, test } from 'vitest'
import { collect, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { answering, eventStream } from '../stub-fetch.fixture.ts'
import { limitsOf } from './limits.ts'

const headers = {
  'x-ratelimit-limit-requests': '5000',
  'x-ratelimit-remaining-requests': '4999',
  'x-ratelimit-reset-requests': '12ms',
  'x-ratelimit-limit-tokens': '4000000',
  'x-ratelimit-remaining-tokens': '3999000',
  'x-ratelimit-reset-tokens': '6m0s',
}
const limits = {
  requests: { limit: 5000, remaining: 4999, resetMs: 12 },
  tokens: { limit: 4_000_000, remaining: 3_999_000, resetMs: 360_000 },
}

describe('the limits of a service', () => {
  test('are read from the headers of an answer', () => {
    expect(limitsOf(new Headers(headers))).toEqual(limits)
  })

  test.for([
    ['20ms', 20],
    ['1.5s', 1500],
    ['1h2m3s', 3_723_000],
    ['1d', 86_400_000],
    ['7', 7000],
    ['0s', 0],
    ['soon', undefined],
    ['1s later', undefined],
  ] as const)('are whole again after "%s": %s ms', ([text, resetMs]) => {
    const expected = resetMs === undefined ? undefined : { tokens: { resetMs } }
    expect(limitsOf(new Headers({ 'x-ratelimit-reset-tokens': text }))).toEqual(expected)
  })

  test('of which nothing is said are unknown', () => {
    expect(limitsOf(new Headers())).toBeUndefined()
    expect(limitsOf(new Headers({ 'x-ratelimit-limit-tokens': 'X-LIMIT-XXX' }))).toBeUndefined()
    expect(limitsOf(new Headers({ 'x-ratelimit-remaining-tokens': '-5' }))).toEqual({ tokens: { remaining: 0 } })
  })

  test('are told before the words of a reply', async () => {
    const output = [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }]
    const response = { id: 'r', status: 'completed', model: 'm', output }
    const whole = Response.json(response, { headers })
    const streamed = eventStream([JSON.stringify({ type: 'response.completed', response })], headers)
    for (const [answer, stream] of [
      [whole, false],
      [streamed, true],
    ] as const) {
      const model = openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch: answering(answer).fetch, stream })
      const { events } = await collect(model)
      expect(events.map(({ kind }) => kind)).toEqual(['limits', 'reply'])
      expect(events[0]).toEqual({ kind: 'limits', limits })
    }
  })

  test('are told with a refusal too', async () => {
    const refusal = Response.json(
      { error: { code: 'rate_limit_exceeded', message: 'Slow down' } },
      { status: 429, headers },
    )
    const model = openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch: answering(refusal).fetch })
    const events = model.ask(requestOf(), new AbortController().signal)[Symbol.asyncIterator]()
    expect(await events.next()).toEqual({ done: false, value: { kind: 'limits', limits } })
    await expect(events.next()).rejects.toMatchObject({ code: 'rate_limit_exceeded' })
  })
})
