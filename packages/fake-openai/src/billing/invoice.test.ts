import { priceOf } from '@reprise/openai'
import { describe, expect, test } from 'vitest'
import { sdk } from '../sdk.fixture.ts'
import { fakePrices } from './prices.ts'

const long = ' word'.repeat(1_500)

describe('the invoice', () => {
  test('has a line a model and lane, with the cached tokens at their own price', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    const { responses } = service.client
    for (const model of ['gpt-4.1-mini', 'gpt-4.1-mini-2025-04-14', 'gpt-6-luna', 'gpt-6-luna'])
      await responses.create({ model, input: long })
    const { lines, costNano } = await service.fake.invoice()
    expect(lines).toEqual([
      {
        model: 'gpt-4.1-mini-2025-04-14',
        lane: 'live',
        requests: 2,
        inputTokens: 3_014,
        cachedTokens: 1_408,
        cacheWriteTokens: 0,
        outputTokens: 4,
        costNano: 1_606 * 400 + 1_408 * 100 + 4 * 1_600,
      },
      {
        model: 'gpt-6-luna',
        lane: 'live',
        requests: 2,
        inputTokens: 3_014,
        cachedTokens: 1_408,
        cacheWriteTokens: 1_408,
        outputTokens: 4,
        costNano: 198 * 100 + 1_408 * 10 + 1_408 * 125 + 4 * 500,
      },
    ])
    expect(costNano).toBe((lines[0]?.costNano ?? 0) + (lines[1]?.costNano ?? 0))
  })

  test('is there for those outside of the process', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    await service.client.responses.create({ model: 'gpt-4.1-mini', input: 'Hi' })
    const response = await fetch(service.fake.url.replace(/v1$/, 'fake/invoice'))
    expect(await response.json()).toEqual(await service.fake.invoice())
  })

  test('charges what broke off on its way, and not what failed or was refused', async () => {
    await using service = await sdk(({ n }) => {
      if (n === 1) return { text: 'one two three', cut: 6 }
      if (n === 2) return { text: 'one', failure: { code: 'server_error', message: 'Down.' } }
      return { error: { status: 500 } }
    })
    for (let n = 1; n <= 3; n += 1)
      await service.client.responses
        .create({ model: 'gpt-4.1-mini', input: 'Hi', stream: true })
        .then((stream) => Array.fromAsync(stream))
        .catch(() => undefined)
    expect((await service.fake.invoice()).lines).toMatchObject([{ requests: 1, outputTokens: 4 }])
  })

  test('leaves a cost open where the price is not known, until it is given', async () => {
    const ask = { model: 'ft:gpt-4.1-mini:org::id', input: 'Hi' }
    await using unpriced = await sdk(() => ({ text: 'Hello' }))
    await unpriced.client.responses.create(ask)
    expect(await unpriced.fake.invoice()).toMatchObject({ lines: [{ model: ask.model, costNano: null }], costNano: 0 })
    const price = { inputUsd: 0.8, cachedUsd: 0.2, outputUsd: 3.2 }
    await using priced = await sdk(() => ({ text: 'Hello' }), { prices: { [ask.model]: price } })
    await priced.client.responses.create(ask)
    expect((await priced.fake.invoice()).costNano).toBe(8 * 800 + 2 * 3_200)
  })

  test('charges a long context of GPT-6 at its own rate', async () => {
    await using service = await sdk(() => ({ text: 'Hello' }))
    await service.client.responses.create({ model: 'gpt-6-sol', input: ' word'.repeat(272_000) })
    const [line] = (await service.fake.invoice()).lines
    const written = 272_000 - (272_000 % 128)
    expect(line?.cacheWriteTokens).toBe(written)
    expect(line?.costNano).toBe(((272_007 - written) * 2_000 + written * 2_500) * 2 + 2 * 10_000 * 1.5)
  })
})

describe('the list prices', () => {
  test('are those by which @reprise/openai counts', () => {
    const listed = Object.fromEntries(Object.keys(fakePrices).map((name) => [name, priceOf(name)]))
    expect(listed).toMatchObject(fakePrices)
  })
})
