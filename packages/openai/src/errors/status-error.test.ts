import type { FakeError } from '@reprise/fake-openai'
import { InternalServerError } from 'openai'
import { describe, expect, test } from 'vitest'
import { card, failureOf, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { serve } from '../serve.fixture.ts'
import { answering } from '../stub-fetch.fixture.ts'

/** The error that an answer with an error status becomes. */
async function errorOf(error: FakeError) {
  await using service = await serve(() => ({ error }))
  return { url: service.fake.url, error: await failureOf(service.streaming) }
}

/** Status, code, what became of it: code, whether it may be asked again, and whether that is waited for in the end. */
const table: [status: number, code: string | undefined, becomes: string, retryable: boolean, mendable: boolean][] = [
  [408, undefined, 'timeout', true, true],
  [409, undefined, 'conflict', true, true],
  [429, 'rate_limit_exceeded', 'rate_limit_exceeded', true, true],
  [429, 'slow_down', 'slow_down', true, true],
  [429, undefined, 'rate_limit_exceeded', true, true],
  [500, undefined, 'server_error', true, true],
  [502, undefined, 'server_error', true, true],
  [503, 'server_is_overloaded', 'server_is_overloaded', true, true],
  [503, undefined, 'server_is_overloaded', true, true],
  [529, undefined, 'server_error', true, true],
  [429, 'insufficient_quota', 'insufficient_quota', false, true],
  [429, 'credit_balance_exhausted', 'credit_balance_exhausted', false, true],
  [429, 'project_spend_limit_exceeded', 'project_spend_limit_exceeded', false, true],
  [429, 'organization_spend_limit_exceeded', 'organization_spend_limit_exceeded', false, true],
  [429, 'organization_usage_limit_exceeded', 'organization_usage_limit_exceeded', false, true],
  [400, undefined, 'invalid_request', false, false],
  [400, 'context_length_exceeded', 'context_length_exceeded', false, false],
  [401, 'invalid_api_key', 'invalid_api_key', false, true],
  [403, undefined, 'forbidden', false, true],
  [404, undefined, 'not_found', false, true],
  [422, undefined, 'refused', false, false],
  [402, undefined, 'refused', false, true],
  [402, 'insufficient_credits', 'insufficient_credits', false, true],
  [400, 'billing_hard_limit_reached', 'billing_hard_limit_reached', false, true],
  [400, 'model_decommissioned', 'model_decommissioned', false, true],
  [403, 'unsupported_country_region_territory', 'unsupported_country_region_territory', false, true],
  [404, 'model_not_found', 'model_not_found', false, true],
  [405, undefined, 'refused', false, true],
  [451, undefined, 'refused', false, true],
  [413, undefined, 'refused', false, false],
]

describe('an error answer', () => {
  test.for(table)(
    '%i %s becomes %s, to be asked again: %s, to be mended: %s',
    async ([status, code, becomes, retryable, mendable]) => {
      const { error } = await errorOf({ status, ...(code !== undefined && { code }) })
      expect(error).toMatchObject({ code: becomes, retryable, mendable, details: { status } })
      expect(error.details['requestId']).toMatch(/^req_/)
    },
  )

  test('that the type alone calls a spent quota is not asked again', async () => {
    const { error } = await errorOf({ status: 429, type: 'insufficient_quota' })
    expect(error).toMatchObject({ code: 'insufficient_quota', retryable: false })
  })

  const shouldRetry: [status: number, code: string, header: string, retryable: boolean][] = [
    [500, 'server_error', 'false', false],
    [422, 'unprocessable', 'true', true],
    [400, 'invalid_request', 'true', false],
    [429, 'insufficient_quota', 'true', false],
  ]
  test.for(shouldRetry)(
    '%i %s with x-should-retry %s may be asked again: %s',
    async ([status, code, header, retryable]) => {
      const { error } = await errorOf({ status, code, headers: { 'x-should-retry': header } })
      expect(error.retryable).toBe(retryable)
    },
  )

  const waits: [headers: Record<string, string>, ms: number | undefined][] = [
    [{ 'retry-after': '7' }, 7000],
    [{ 'retry-after': '0.25' }, 250],
    [{ 'retry-after': '-3' }, undefined],
    [{ 'retry-after': '1795341630', date: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 30_000],
    [{ 'retry-after-ms': '1795341630000', date: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 30_000],
    [{ 'retry-after': '3600' }, 3_600_000],
    [{ 'retry-after-ms': '1500' }, 1500],
    [{ 'retry-after-ms': '1500', 'retry-after': '7' }, 1500],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ]
  test.for(waits)('with %o asks to wait %s ms', async ([headers, ms]) => {
    const { error } = await errorOf({ status: 429, code: 'rate_limit_exceeded', headers })
    expect(error.retryAfterMs).toBe(ms)
  })

  test('whose date of the next attempt has no date to be held against asks for nothing', async () => {
    const headers = { 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT' }
    const { fetch } = answering(Response.json({ error: {} }, { status: 503, headers }))
    const error = await failureOf(openai({ apiKey: 'sk', baseURL: 'http://x/v1', fetch }))
    expect(error).toMatchObject({ code: 'server_is_overloaded', retryable: true, retryAfterMs: undefined })
  })

  test('that asks to wait says how long', async () => {
    const message = 'Rate limit reached for gpt-4.1-mini.\nPlease try again in 2.5s.'
    const { url, error } = await errorOf({ status: 429, code: 'rate_limit_exceeded', message, retryAfter: 2.5 })
    expect(error.message).toBe(
      `The server at ${url} refused the request (429 rate_limit_exceeded): Rate limit reached for gpt-4.1-mini. Please try again in 2.5s. Ask again after 2.5 s.`,
    )
  })

  test('that asks to wait for years is said to be asked again after the hour that a run waits at most', async () => {
    const { error } = await errorOf({ status: 429, code: 'rate_limit_exceeded', retryAfter: 500_000_000 })
    expect(error.message).toMatch(/ Ask again after 3600 s\.$/)
  })

  test('of a spent quota says what helps', async () => {
    const { url, error } = await errorOf({
      status: 429,
      code: 'insufficient_quota',
      message: 'You exceeded your current quota',
    })
    expect(error.message).toBe(
      `The server at ${url} refused the request (429 insufficient_quota): You exceeded your current quota. Asking again does not help: add credit or raise the limit.`,
    )
  })

  test('with a wrong key says where the key comes from', async () => {
    await using service = await serve(() => ({ text: 'Hello' }), { apiKey: 'sk-right' })
    const error = await failureOf(service.streaming)
    expect(error).toMatchObject({ code: 'invalid_api_key', retryable: false })
    expect(error.message).toBe(
      `The server at ${service.fake.url} refused the request (401 invalid_api_key): Incorrect API key provided: sk-test. You can find your API key at https://platform.openai.com/account/api-keys. Check OPENAI_API_KEY or openai({ apiKey }).`,
    )
  })

  test('about an unknown model names the model', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const error = await failureOf(service.whole, requestOf(undefined, { card: { ...card, model: 'gpt-4.1-mimi' } }))
    expect(error).toMatchObject({ code: 'model_not_found', retryable: false, details: { status: 400, param: 'model' } })
    expect(error.message).toBe(
      `Model "gpt-4.1-mimi" is not served at ${service.fake.url} (400 model_not_found): The requested model 'gpt-4.1-mimi' does not exist. Check the name of the agent's model.`,
    )
  })

  test('about a wrong request says what is wrong with it', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const request = requestOf([{ kind: 'call', callId: 'call_x', name: 'find_order', arguments: '{}' }])
    const error = await failureOf(service.whole, request)
    expect(error).toMatchObject({ code: 'invalid_request', retryable: false, details: { param: 'input' } })
    expect(error.message).toBe(
      `The server at ${service.fake.url} refused the request (400 invalid_request): No tool output found for function call call_x. Asking again does not help: change the request.`,
    )
  })

  test('keeps its status and its wait, whatever words it uses', async () => {
    const { error } = await errorOf({ status: 500, message: 'The request timed out.', retryAfter: 3 })
    expect(error).toMatchObject({ code: 'server_error', retryAfterMs: 3000, details: { status: 500 } })
    expect(error.cause).toBeInstanceOf(InternalServerError)
  })

  test('never carries a text of many lines, nor a long one', async () => {
    const { error } = await errorOf({ status: 502, message: `<html>\n${'x'.repeat(1000)}\n</html>` })
    expect(error.message).not.toContain('\n')
    expect(error.message.length).toBeLessThan(500)
  })
})
