import { expect, test } from 'vitest'
import { saySpan, sayTime } from './time.ts'

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [59_999, '59.9 s'],
  [60_000, '1 min 0 s'],
  [3_599_999, '59 min 59 s'],
  [3_600_000, '1 h 0 min'],
  [86_399_999, '23 h 59 min'],
  [86_400_000 * 2.5, '2 d 12 h'],
])('%i ms read %s', (ms, text) => {
  expect(saySpan(ms)).toBe(text)
})

test('a moment reads in UTC to the second', () => {
  expect(sayTime(Date.UTC(2026, 10, 22, 11, 14, 3, 999))).toBe('2026-11-22 11:14:03Z')
})
