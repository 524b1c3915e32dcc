import { describe, expect, test } from 'vitest'
import { collect, requestOf } from '../ask.fixture.ts'
import { openai } from '../openai.ts'
import { costNano, priceOf } from './cost.ts'
import { listPrices } from './list-prices.ts'
import { serve } from '../serve.fixture.ts'
import { answering } from '../stub-fetch.fixture.ts'

const usage = { inputTokens: 1000, cachedTokens: 200, outputTokens: 100, reasoningTokens: 40 }

describe('a price', () => {
  test('is found by the exact name and by that of a dated snapshot', () => {
    expect(priceOf('gpt-4.1-mini')).toMatchObject({ inputUsd: 0.4, cachedUsd: 0.1, outputUsd: 1.6, asOf: '2026-11-22' })
    expect(priceOf('gpt-4.1-mini-2025-04-14')).toBe(priceOf('gpt-4.1-mini'))
    expect(priceOf('gpt-4o-2024-05-13')).toMatchObject({ inputUsd: 5 })
  })

  test.for(['gpt-4.1-mini-audio', 'ft:o3:acme::1', 'ft:', 'llama3', '', 'constructor'])(
    'of "%s" is not known',
    (model) => {
      expect(priceOf(model)).toBeUndefined()
      expect(costNano(model, usage)).toBeUndefined()
    },
  )

  test('of a fine-tuned model is that of all that were made from the same one, and not the price of that', () => {
    const tuned = priceOf('ft:gpt-4.1-mini-2025-04-14:acme:support:BxYz')
    expect(tuned).toMatchObject({ inputUsd: 0.8, cachedUsd: 0.2, outputUsd: 3.2 })
    expect(priceOf('ft:gpt-4.1-mini:acme')).toBe(tuned)
  })

  test('is listed with its day and its source', () => {
    for (const price of listPrices) {
      expect(price.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/)
      expect(price.source).not.toBe('')
    }
  })
})

describe('a cost', () => {
  test('counts cached tokens at their own price, in whole nano-dollars', () => {
    expect(costNano('gpt-4.1-mini', usage)).toBe(800 * 400 + 200 * 100 + 100 * 1600)
    expect(costNano('gpt-4.1-nano', { ...usage, cachedTokens: 1 })).toBe(999 * 100 + 25 + 100 * 400)
  })

  test('counts what was written to the prompt cache where that has a price', () => {
    const written = { ...usage, cacheWriteTokens: 300 }
    expect(costNano('gpt-6-luna', written)).toBe(500 * 100 + 200 * 10 + 300 * 125 + 100 * 500)
    expect(costNano('gpt-4.1-mini', written)).toBe(costNano('gpt-4.1-mini', usage))
  })

  test('of a long context is that of the whole request', () => {
    const long = { ...usage, inputTokens: 272_001 }
    expect(costNano('gpt-6-luna', long)).toBe((271_801 * 100 + 200 * 10) * 2 + 100 * 750)
    expect(costNano('gpt-6-luna', { ...long, inputTokens: 272_000 })).toBe(271_800 * 100 + 200 * 10 + 100 * 500)
  })

  test('follows the prices that openai() is given, by either name', async () => {
    await using service = await serve(() => ({ text: 'Hello' }))
    const price = { inputUsd: 1, cachedUsd: 0.5, outputUsd: 2 }
    for (const name of ['gpt-4.1-mini', 'gpt-4.1-mini-2025-04-14']) {
      const model = openai({ apiKey: 'sk-test', baseURL: service.fake.url, prices: { [name]: price } })
      const { reply } = await collect(model, requestOf())
      expect(reply.costNano).toBe(63 * 1000 + 2 * 2000)
    }
  })

  test('of another tier, of an unknown model and of a reply without usage is not known', async () => {
    const answer = {
      id: 'resp_1',
      status: 'completed',
      model: 'gpt-4.1-mini',
      output: [{ type: 'function_call', call_id: 'c', name: 'f', arguments: '' }],
    }
    const wireUsage = { input_tokens: 10, output_tokens: 1, total_tokens: 11 }
    const costs: unknown[] = []
    for (const more of [
      { usage: wireUsage },
      { usage: wireUsage, service_tier: 'flex' },
      { usage: wireUsage, model: 'llama3' },
      {},
    ]) {
      const { fetch } = answering({ json: { ...answer, ...more } })
      const { reply } = await collect(openai({ apiKey: 'sk-test', baseURL: 'http://x/v1', stream: false, fetch }))
      costs.push(reply.costNano)
    }
    expect(costs).toEqual([10 * 400 + 1600, undefined, undefined, undefined])
  })
})
