import { expect, test } from 'vitest'
import { fakeOpenAI } from './fake-openai.ts'
import type { FakeOptions } from './options.ts'

const model = 'gpt-4.1-mini'
const price = { inputUsd: 1, cachedUsd: 1, outputUsd: 2 }

/** What a program in JavaScript may well give, with what it is told. */
const wrong: readonly (readonly [options: object, message: string])[] = [
  [
    { limits: { 'gpt-4.1-mini-2025-04-14': { requestsPerMinute: 1 } } },
    '\'limits\' names "gpt-4.1-mini-2025-04-14". Limits are those of a name without a date: say "gpt-4.1-mini".',
  ],
  [
    { limits: { 'gpt-4.1-mni': { requestsPerMinute: 1 } } },
    "'limits' names \"gpt-4.1-mni\", and there is no such model. Mend the name, or add it to 'models'.",
  ],
  [
    { limits: { [model]: { requestsPerMinute: 0 } } },
    '\'limits\' has requestsPerMinute 0 for "gpt-4.1-mini". It must be a number above 0.',
  ],
  [
    { limits: { [model]: { tokensPerMinute: Number.NaN } } },
    '\'limits\' has tokensPerMinute NaN for "gpt-4.1-mini". It must be a number above 0.',
  ],
  [
    { limits: { [model]: { tokensPerDay: 5 } } },
    '\'limits\' has tokensPerDay for "gpt-4.1-mini". It may have: requestsPerMinute, tokensPerMinute, enqueuedTokens.',
  ],
  [{ cacheMinTokens: -1 }, "'cacheMinTokens' is -1. It must be a number of tokens from 0."],
  [
    { prices: { [model]: { ...price, outputUsd: Number.NaN } } },
    '\'prices\' has outputUsd NaN for "gpt-4.1-mini". It must be a number of dollars from 0.',
  ],
  [
    { prices: { [model]: { inputUsd: 1, outputUsd: 2 } } },
    '\'prices\' has cachedUsd undefined for "gpt-4.1-mini". It must be a number of dollars from 0.',
  ],
  [{ faults: { seed: 1, rate: 20 } }, "'faults' has rate 20. It must be a number from 0 to 1."],
  [
    { faults: { seed: 1, rate: 0.5, kinds: ['slow', 'slowly'] } },
    'There is no fault "slowly". There are: request_timeout,',
  ],
  [{ faults: [{ n: 0, fault: 'slow' }] }, "'faults' names request 0. Requests are counted from 1."],
  [{ faults: [{ n: 1, fault: 'toString' }] }, 'There is no fault "toString". There are: request_timeout,'],
]

test.for(wrong)('%j is refused with what is wrong in it', async ([options, message]) => {
  await expect(fakeOpenAI(() => ({}), options as FakeOptions)).rejects.toThrow(message)
  await expect(fakeOpenAI(() => ({}), options as FakeOptions)).rejects.toBeInstanceOf(RangeError)
})

test('right options are taken', async () => {
  const options: FakeOptions = {
    limits: { [model]: { requestsPerMinute: 0.5, enqueuedTokens: 1 }, 'text-embedding-3-small': {}, llama: {} },
    models: ['llama'],
    prices: { 'gpt-4.1-mini-2025-04-14': price },
    cacheMinTokens: 0,
    faults: { seed: 1, rate: 0, kinds: [] },
  }
  await using fake = await fakeOpenAI(() => ({}), options)
  expect(fake.faults).toEqual([])
})
