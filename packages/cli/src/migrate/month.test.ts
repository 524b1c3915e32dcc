import { type Interval, NO_TOTALS } from '@reprise/core'
import { expect, test } from 'vitest'
import { addUse, monthOf, NO_USE } from './month.ts'

const NOW = Date.UTC(2026, 10, 30)
const DAY = 86_400_000
const ratio: Interval = { estimate: 0.25, low: 0.2, high: 0.3, n: 40, level: 0.95, method: 'bootstrap' }
const perRun = { recorded: 2_000_000, candidate: 500_000 }
const used = (costNano: number, unpriced = 0) => ({ ...NO_TOTALS, turns: 1, costNano, unpriced })

test('a month is the recorded use of thirty days, times the ratio', () => {
  const use = addUse(addUse(NO_USE, used(3e9), NOW - 40 * DAY), used(1e9), NOW - DAY)
  expect(monthOf(use, perRun, ratio, NOW)).toEqual({
    perThousand: { recorded: 2e9, candidate: 5e8 },
    recorded: 4e9,
    candidate: { estimate: 1e9, low: 0.8e9, high: 1.2e9 },
    basis: '2 runs in the last 30 days.',
  })
})

test('fewer days are scaled up, and said to be', () => {
  const use = addUse(NO_USE, used(1e9), NOW - 10 * DAY)
  const month = monthOf(use, perRun, ratio, NOW)
  expect([month.recorded, month.candidate?.estimate]).toEqual([3e9, 0.75e9])
  expect(month.basis).toBe('1 run in the last 30 days, of which 10 have records: scaled up to 30.')
})

test('less than a day, an unknown price and no comparison are not scaled up', () => {
  const unknown = { recorded: null, candidate: null }
  expect(monthOf(addUse(NO_USE, used(1e9), NOW - 60_000), perRun, ratio, NOW)).toMatchObject(unknown)
  const unpriced = monthOf(addUse(NO_USE, used(1e9, 3), NOW - 10 * DAY), perRun, ratio, NOW)
  expect(unpriced).toMatchObject({ ...unknown, basis: '1 run in the last 30 days; 3 replies have no known price.' })
  expect(monthOf(addUse(NO_USE, used(1e9), NOW - 10 * DAY), perRun, null, NOW).candidate).toBeNull()
  expect(monthOf(NO_USE, { recorded: null, candidate: null }, null, NOW)).toMatchObject({
    ...unknown,
    perThousand: null,
  })
})
