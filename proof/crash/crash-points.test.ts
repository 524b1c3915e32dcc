import { describe, expect, test } from 'vitest'
import { killed } from './kill.ts'
import { type Case, cases, crashed, undisturbed } from './trial.ts'

/** So many of a case's crash points are tried here, spread over all; `npm run crash` tries each. */
const SAMPLE = 3

describe('a run whose process dies before or after a write or an effect comes to what it comes to undisturbed', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const whole = await undisturbed(one)
    expect(whole.points.length).toBeGreaterThan(SAMPLE)
    const step = whole.points.length / SAMPLE
    for (let nth = 0.5; nth < SAMPLE; nth++) {
      const point = whole.points[Math.floor(nth * step)] ?? { at: 1, side: 'before' }
      expect(await crashed(one, [point], whole), JSON.stringify(point)).toEqual([])
    }
  })

  test.each([
    ['once', { of: 'effect', at: 1, side: 'after' }],
    ['parallel', { of: 'write', at: 3, side: 'before' }],
  ] as const)('by SIGKILL: %s %o', async (name, point) => {
    const one = cases.find((other) => other.name === name) as Case
    expect(await killed(one, point, await undisturbed(one))).toEqual([])
  })
})

test('what does not come to the same is told', async () => {
  const one = cases[0] as Case
  const whole = await undisturbed(one)
  expect(
    await crashed(one, [{ of: 'write', at: 2, side: 'after' }], { ...whole, effects: ['pay a /nowhere'] }),
  ).toEqual(['The effects are [], and should be ["pay a /nowhere"]'])
})
