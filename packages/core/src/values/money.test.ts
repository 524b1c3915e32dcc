import { expect, test } from 'vitest'
import { formatUsd, NANO_PER_USD } from './money.ts'

test.each([
  [0, '$0.000000'],
  [1_234_000, '$0.001234'],
  [400, '$0.000000'],
  [600, '$0.000001'],
  [12 * NANO_PER_USD, '$12.000000'],
  [1_234_567_891_234, '$1234.567891'],
])('%i nano-dollars read %s', (nano, text) => {
  expect(formatUsd(nano)).toBe(text)
})

test('sums of nano-dollars are exact where sums of dollars are not', () => {
  const tenth = NANO_PER_USD / 10
  expect(tenth + tenth + tenth).toBe(0.3 * NANO_PER_USD)
  expect(0.1 + 0.1 + 0.1).not.toBe(0.3)
})
