import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DefinitionError } from '../values/errors.ts'
import { MODEL_RETRY, retryDelayMs, type RetryOptions, retryPolicy, TOOL_RETRY } from './retry.ts'

const options = fc.record({
  attempts: fc.integer({ min: 1, max: 5_000 }),
  baseMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 100_000 })),
  maxMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000_000 })),
})
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

test('what is not said is as is usual', () => {
  expect(retryPolicy('Tool "x"', undefined, TOOL_RETRY)).toEqual({ attempts: 3, baseMs: 200, maxMs: 5_000 })
  expect(retryPolicy('Agent "x"', { baseMs: 0 }, MODEL_RETRY)).toEqual({ attempts: 8, baseMs: 0, maxMs: 30_000 })
})

test.each<[keyof RetryOptions, number, string]>([
  ['attempts', 0, 'a whole number of 1 or more'],
  ['attempts', 1.5, 'a whole number of 1 or more'],
  ['baseMs', -1, '0 milliseconds or more'],
  ['maxMs', Number.NaN, '0 milliseconds or more'],
])('retry.%s %d is refused', (field, value, expected) => {
  expect(() => retryPolicy('Tool "x"', { [field]: value }, TOOL_RETRY)).toThrow(
    new DefinitionError({
      code: 'bad_number',
      message: `Tool "x" has retry.${field} ${value}. It must be ${expected}.`,
      details: { field: `retry.${field}`, ...(field === 'attempts' && { value: String(value) }) },
    }),
  )
})

test('a wait is a share of a bound that doubles with each attempt up to the longest', () => {
  const policy = { attempts: 6, baseMs: 100, maxMs: 500 }
  const waits = (share: number): (number | null)[] =>
    [1, 2, 3, 4, 5, 6].map((attempt) => retryDelayMs(policy, attempt, () => share))
  expect(waits(0.5)).toEqual([50, 100, 200, 250, 250, null])
  expect(waits(0)).toEqual([0, 0, 0, 0, 0, null])
  expect(waits(0.9999)).toEqual([99, 199, 399, 499, 499, null])
})

test('a wait is a whole number of milliseconds between 0 and its bound, whatever the policy', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 5_000 }), randoms, (policy, attempt, random) => {
      const wait = retryDelayMs(policy, attempt, () => random)
      const bound = Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt - 1, 1_000))
      if (attempt >= policy.attempts) expect(wait).toBeNull()
      else expect(wait).toSatisfy((ms) => Number.isSafeInteger(ms) && ms >= 0 && ms <= bound)
    }),
  )
})

test('the bound of a wait never falls from one attempt to the next, and never rises above the longest', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 4_998 }), randoms, (given, attempt, share) => {
      const policy = { ...given, attempts: 5_000 }
      const [wait = 0, next = 0] = [attempt, attempt + 1].map((nth) => retryDelayMs(policy, nth, () => share) ?? NaN)
      expect(next).toBeGreaterThanOrEqual(wait)
      expect(next).toBeLessThanOrEqual(Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(attempt, 1_000)))
      expect(wait).toBeLessThanOrEqual(policy.maxMs)
    }),
  )
})

test('no wait before the first of many attempts is still no wait after thousands', () => {
  expect(retryDelayMs({ attempts: 5_000, baseMs: 0, maxMs: 1_000 }, 1_025, () => 0.5)).toBe(0)
})

test('the jitter is full: every share of the bound is as likely as any other', () => {
  fc.assert(
    fc.property(randoms, (share) => {
      const policy = { attempts: 2, baseMs: 1_000_000, maxMs: 1_000_000 }
      expect(retryDelayMs(policy, 1, () => share)).toBe(Math.floor(share * 1_000_000))
    }),
  )
})

test('what the service asked for is waited, even where it is more than the policy has, up to an hour', () => {
  fc.assert(
    fc.property(options, fc.integer({ min: 1, max: 5_000 }), fc.nat(), (policy, attempt, askedMs) => {
      const expected = attempt >= policy.attempts ? null : Math.min(askedMs, 3_600_000)
      expect(retryDelayMs(policy, attempt, Math.random, askedMs)).toBe(expected)
    }),
  )
})

test('a wait that is none leaves the policy its own', () => {
  const policy = { attempts: 2, baseMs: 1_000, maxMs: 1_000 }
  for (const askedMs of [-1, Number.NaN]) expect(retryDelayMs(policy, 1, () => 0.5, askedMs)).toBe(500)
})
