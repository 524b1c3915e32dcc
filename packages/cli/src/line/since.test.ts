import { InvalidArgumentError } from 'commander'
import { expect, test } from 'vitest'
import { readSince } from './since.ts'

const NOW = Date.UTC(2026, 10, 30, 12)

test.for([
  ['90s', NOW - 90_000],
  ['30m', NOW - 1_800_000],
  ['24h', NOW - 86_400_000],
  ['7d', NOW - 7 * 86_400_000],
  ['2w', NOW - 14 * 86_400_000],
  ['2026-11-01', Date.UTC(2026, 10, 1)],
  ['2026-11-01T10:30Z', Date.UTC(2026, 10, 1, 10, 30)],
  ['2026-11-01T10:30:15.5+02:00', Date.UTC(2026, 10, 1, 8, 30, 15, 500)],
] as const)('since %s', ([text, at]) => {
  expect(readSince(text, NOW)).toBe(at)
})

test.for(['', '7', '7 d', '-7d', '7D', '1e3d', 'yesterday', '2026', '2026-13-01', '11/01/2026', '2026-12-01'])(
  'since "%s" is refused',
  (text) => {
    expect(() => readSince(text, NOW)).toThrow(InvalidArgumentError)
  },
)
