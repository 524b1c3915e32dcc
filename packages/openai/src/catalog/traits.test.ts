import { describe, expect, test } from 'vitest'
import { listPrices } from './list-prices.ts'
import { listTraits } from './list-traits.ts'
import { traitsOf } from './traits-of.ts'

describe('the traits of a model', () => {
  test('are found by its name, by that of a dated snapshot and by the model it was made from', () => {
    expect(traitsOf('gpt-4.1-mini')).toMatchObject({ sampling: 'always', knowsUntil: '2024-06-01', asOf: '2026-11-22' })
    expect(traitsOf('gpt-4.1-mini-2025-04-14')).toBe(traitsOf('gpt-4.1-mini'))
    expect(traitsOf('ft:gpt-4.1-mini-2025-04-14:acme::1')).toEqual({
      ...traitsOf('gpt-4.1-mini'),
      parallelCalls: false,
    })
    expect(traitsOf('llama3')).toBeUndefined()
  })

  test('are what the user says, where the user says so', () => {
    const own = { reasons: true, sampling: 'never', chatToolsUnreasoned: true, parallelCalls: true } as const
    expect(traitsOf('gpt-4.1-mini', { 'gpt-4.1-mini': own })).toBe(own)
  })

  test('are listed for each model that has a price, with their day and source', () => {
    const priced = listPrices.map(({ model }) => model).filter((model) => !model.startsWith('ft:'))
    expect(priced.filter((model) => !traitsOf(model))).toEqual([])
    for (const { asOf, source } of listTraits) expect([asOf, source !== '']).toEqual(['2026-11-22', true])
  })
})
