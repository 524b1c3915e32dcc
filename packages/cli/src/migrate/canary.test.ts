import { expect, test } from 'vitest'
import { canary } from './canary.ts'

test('a canary takes as many runs as the comparison of two shares does, and the days that they take', () => {
  const { losses } = canary(0.9, 200)
  // Reckoned apart, with exact points of the normal distribution: 156.6 runs.
  expect(losses.at(-1)).toEqual({ loss: 0.1, runs: 157, days: [16, 4, 2] })
  const runs = losses.map((one) => one.runs ?? 0)
  expect(runs).toEqual(runs.toSorted((a, b) => b - a))
})

test('a canary of which the traffic or the share is not known says so', () => {
  expect(canary(0.9, null).losses.at(-1)).toEqual({ loss: 0.1, runs: 157, days: [null, null, null] })
  expect(canary(null, 200).losses.map(({ runs }) => runs)).toEqual([null, null, null])
  expect(canary(0.05, 200).losses.at(-1)).toMatchObject({ runs: null })
})

test('where all recorded runs were well, a loss is still looked for among some', () => {
  for (const { runs } of canary(1, 10).losses) expect(runs).toBeGreaterThan(20)
})
