import { describe, expect, test } from 'vitest'
import { factsOf } from './facts-of.ts'
import { figuresOf } from './figures-of.ts'
import { listFacts } from './list-facts.ts'

describe('the facts of a model', () => {
  test('are found by its name, by that of a dated snapshot and by the model it was made from', () => {
    const facts = factsOf('gpt-4.1-mini')
    expect(facts).toMatchObject({
      contextTokens: 1_047_576,
      outputTokens: 32_768,
      retires: '2027-01-14',
      replacement: 'gpt-6-luna',
    })
    expect(factsOf('gpt-4.1-mini-2025-04-14')).toBe(facts)
    expect(factsOf('ft:gpt-4.1-mini-2025-04-14:acme::1')).toBe(facts)
    expect(factsOf('gpt-4o-2024-05-13')).toMatchObject({ retires: '2026-10-23' })
    expect(factsOf('llama3.2')).toBeUndefined()
    expect(factsOf('constructor')).toBeUndefined()
  })

  test('are what the user says, where the user says so', () => {
    const own = { retires: '2027-04-14' }
    expect(factsOf('gpt-4.1-mini', { 'gpt-4.1-mini': own })).toBe(own)
  })

  test('are listed with their day and source, and days are days', () => {
    for (const { asOf, source, retires = asOf } of listFacts) {
      expect(source).not.toBe('')
      for (const day of [asOf, retires]) expect(new Date(day).toISOString().slice(0, 10)).toBe(day)
    }
  })
})

test('what is known of a model goes to whoever bounds results and conversations: sizes, and nano-dollars a token', () => {
  const mini = { contextTokens: 1_047_576, inputNano: 400, cachedNano: 100, outputNano: 1_600 }
  expect(figuresOf({}, 'gpt-4.1-mini')).toEqual(mini)
  const prices = { 'gpt-4.1-mini': { inputUsd: 1, cachedUsd: 0, outputUsd: 2 } }
  expect(figuresOf(prices, 'gpt-4.1-mini')).toMatchObject({ inputNano: 1_000, cachedNano: 0 })
  expect(figuresOf({}, 'gpt-6-luna')).toMatchObject({ inputTokens: 922_000 })
  expect(figuresOf({}, 'llama3.2')).toBeUndefined()
})
