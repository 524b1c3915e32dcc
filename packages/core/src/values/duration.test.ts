import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'

test.for([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['2w', 1_209_600_000],
  ['0m', 0],
] as const)('%s is %d milliseconds', ([text, ms]) => {
  expect(parseDuration(text)).toBe(ms)
})

test.for(['', '7', '7 d', '-7d', '7D', '1e3d', '1.5h', '1234567s', '7d ', 'a month', '500ms'])(
  '"%s" is no length of time',
  (text) => {
    expect(parseDuration(text)).toBeUndefined()
  },
)
