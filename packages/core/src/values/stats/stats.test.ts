import { bootstrap, interval, mcnemar, pairedInterval, signTest } from '@reprise/core'
import { expect, test } from 'vitest'
import { pointAt, shareBelow } from './normal.ts'
import { seeded, xoshiro } from './seeded.ts'

/** Draws from a skewed distribution of mean 1. */
function skewed(random: () => number, n: number): readonly number[] {
  return Array.from({ length: n }, () => -Math.log(1 - random()))
}

test('shares of yes and no get Wilson’s interval, also where all are yes', () => {
  const some = interval([1, 1, 1, 1, 0, 1, 1, 0, 1, 1])
  expect(some).toEqual({
    estimate: 0.8,
    low: expect.closeTo(0.490162, 6) as number,
    high: expect.closeTo(0.943318, 6) as number,
    n: 10,
    level: 0.95,
    method: 'wilson',
  })
  const all = interval([1, 1, 1, 1, 1])
  expect([all?.low, all?.high]).toEqual([expect.closeTo(0.565518, 6), expect.closeTo(1, 12)])
  expect(interval([0])).toMatchObject({ estimate: 0, low: 0, high: expect.closeTo(0.793451, 6) as number })
})

test('amounts of 0 and 1 are no yes and no', () => {
  expect(interval([1, 1, 1], { binary: false })).toMatchObject({ low: 1, high: 1, method: 'bootstrap' })
})

test('means get an interval that follows from the values and the seed', () => {
  const values = [0.5, 1, 0.25, 0.75, 1, 0.5, 0, 1, 1, 0.75]
  const once = interval(values)
  expect(once?.estimate).toBeCloseTo(0.675)
  expect(interval(values)).toEqual(once)
  expect(interval(values, { seed: 'another' })).not.toEqual(once)
  const wider = interval(values, { level: 0.99 })
  expect(wider?.low).toBeLessThan(once?.low ?? 0)
  expect(wider?.high).toBeGreaterThan(once?.high ?? 0)
})

test('the interval of a mean agrees with SciPy’s BCa', () => {
  // scipy.stats.bootstrap(([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9],), numpy.mean, n_resamples=200000), SciPy 1.17.1
  const { low, high } = interval([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9], { resamples: 50_000 }) ?? {}
  expect(low).toBeCloseTo(3.8, 1)
  expect(high).toBeCloseTo(6.533, 1)
})

test('nineteen in twenty intervals hold the true mean, about', () => {
  const random = seeded('coverage')
  const held = Array.from({ length: 300 }, (_, i) => {
    const { low = 0, high = 0 } = interval(skewed(random, 40), { seed: `${i}`, resamples: 400 }) ?? {}
    return low <= 1 && 1 <= high
  }).filter(Boolean).length
  expect(held / 300).toBeGreaterThan(0.9)
  expect(held / 300).toBeLessThan(0.98)
})

test('one value says nothing of its like, and none is no estimate', () => {
  expect(interval([0.5])).toEqual({
    estimate: 0.5,
    low: undefined,
    high: undefined,
    n: 1,
    level: 0.95,
    method: 'bootstrap',
  })
  expect(interval([])).toBeUndefined()
  expect(pairedInterval([], [])).toBeUndefined()
})

test('values that are all the same have an interval without width', () => {
  expect(interval([0.5, 0.5, 0.5])).toMatchObject({ low: 0.5, high: 0.5 })
})

test('pairs tell a change that the spread between them would hide', () => {
  const before = [0.1, 0.9, 0.4, 0.7, 0.2, 0.8, 0.3, 0.6]
  const after = before.map((value, i) => value + (i % 2 === 0 ? 0.05 : 0.03))
  const { estimate = 0, low = 0, high = 0 } = pairedInterval(before, after) ?? {}
  expect(estimate).toBeCloseTo(0.04)
  expect(low).toBeGreaterThan(0.02)
  expect(high).toBeLessThan(0.06)
})

test('any statistic has an interval, over the drawings in which it can be told', () => {
  const pairs = [
    [1, 2],
    [2, 2],
    [0, 4],
    [3, 5],
    [2, 3],
    [0, 0],
    [1, 1],
  ] as const
  const ratio = (items: readonly (readonly [number, number])[]) =>
    items.reduce((sum, [part]) => sum + part, 0) / items.reduce((sum, [, whole]) => sum + whole, 0)
  const { estimate, low = 0, high = 0 } = bootstrap(pairs, ratio) ?? {}
  expect(estimate).toBeCloseTo(9 / 17)
  expect(low).toBeGreaterThan(0)
  expect(low).toBeLessThan(9 / 17)
  expect(high).toBeGreaterThan(9 / 17)
  expect(bootstrap([[0, 0]] as const, ratio)).toBeUndefined()
})

test('the sign test counts how many rose and fell, and how often chance does as much', () => {
  expect(signTest([0.2, 0, -0.1, 3, 0.5, 0.5, 0.1])).toEqual({ up: 5, down: 1, p: 14 / 64 })
  expect(signTest([0, 0])).toEqual({ up: 0, down: 0, p: 1 })
  expect(mcnemar(1, 9).p).toBeCloseTo(22 / 1024, 12)
  expect(mcnemar(5, 5).p).toBe(1)
  // scipy.stats.binomtest(900, 2000).pvalue
  expect(mcnemar(900, 1_100).p).toBeCloseTo(8.45708953550381e-6, 12)
})

test('what is no number, no pair or no share is refused with what it was', () => {
  expect(() => interval([1, NaN])).toThrow('Value 1 of 2 is NaN. Leave out what is no finite number.')
  expect(() => interval([1], { level: 95 })).toThrow('The level 95 is no share. Give one between 0 and 1, as 0.95.')
  expect(() => interval([1], { resamples: 10 })).toThrow('Resampling 10 times gives no interval.')
  expect(() => pairedInterval([1, 2], [1])).toThrow('2 values before and 1 after make no pairs. Give as many of both.')
  expect(() => signTest([Infinity])).toThrow('Difference 0 of 1 is Infinity. Leave out what is no finite number.')
  expect(() => mcnemar(1.5, 2)).toThrow('1.5 counts nothing. Give whole numbers from 0.')
})

test('the normal distribution is that of the tables', () => {
  expect(shareBelow(1.959963984540054)).toBeCloseTo(0.975, 12)
  expect(pointAt(0.975)).toBeCloseTo(1.959963984540054, 10)
  expect([shareBelow(-9), shareBelow(0), shareBelow(9)]).toEqual([0, 0.5, 1])
})

test('the generator gives the numbers that its authors publish', () => {
  const next = xoshiro([1, 2, 3, 4])
  expect(Array.from({ length: 6 }, next)).toEqual([11520, 0, 5927040, 70819200, 2031721883, 1637235492])
  expect(Array.from({ length: 3 }, seeded('a'))).toEqual(Array.from({ length: 3 }, seeded('a')))
})
