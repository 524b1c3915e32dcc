import { DefinitionError } from '../errors.ts'
import { bca, type Interval, type IntervalOptions } from './bca.ts'
import { pointAt } from './normal.ts'

/**
 * Tells the mean of values and the interval in which the mean of all their like lies. The values stand for things that are
 * independent of each other: of ten repeats of one question, give their mean as one value. Values that are all 0 or 1 get
 * Wilson's interval, which also says something where all of them are 1; others the bootstrap's (BCa), which is too narrow
 * for less than about twenty values, and has no width where all values are the same.
 *
 * @param values Any finite numbers, in any order.
 * @returns In the unit of the values; undefined where there are none.
 * @throws DefinitionError `bad_statistics` at a value that is no finite number, or an option out of its range.
 * @see Edwin B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference" (1927)
 * @see Bradley Efron, "Better Bootstrap Confidence Intervals" (1987)
 *
 * @example
 * ```ts
 * import { interval } from '@reprise/core'
 *
 * const right = interval([1, 1, 1, 1, 0, 1, 1, 0, 1, 1])
 * console.log(right?.estimate, right?.low?.toFixed(2), right?.high?.toFixed(2)) // 0.8 0.49 0.94
 * ```
 */
export function interval(values: readonly number[], options: IntervalOptions = {}): Interval | undefined {
  const checked = check(values, options)
  const estimate = meanOf(values)
  if (checked.binary && values.length > 0 && values.every((value) => value === 0 || value === 1))
    return { estimate, n: values.length, level: checked.level, method: 'wilson', ...wilson(estimate, values, checked) }
  return bca(values, meanOf, leftOutMeans, checked)
}

/**
 * Tells by how much values have changed: the mean of `after[i] - before[i]`, and its interval by the bootstrap (BCa).
 * The two values of a pair belong to the same thing, as one question asked of two models.
 *
 * @returns In the unit of the values, above 0 where they have risen; undefined where there are none.
 * @throws DefinitionError `bad_statistics` as `interval` does, and where there is another number of one than of the other.
 *
 * @example
 * ```ts
 * import { pairedInterval } from '@reprise/core'
 *
 * const change = pairedInterval([0.5, 0.6, 0.9, 0.4], [0.6, 0.6, 1, 0.7])
 * console.log(change?.estimate.toFixed(3)) // 0.125
 * ```
 */
export function pairedInterval(
  before: readonly number[],
  after: readonly number[],
  options: IntervalOptions = {},
): Interval | undefined {
  if (before.length !== after.length)
    throw wrong(`${before.length} values before and ${after.length} after make no pairs. Give as many of both.`)
  const differences = after.map((value, i) => value - (before[i] ?? 0))
  return bca(differences, meanOf, leftOutMeans, check(differences, options))
}

/**
 * Tells what `statistic` makes of items, and its interval by the bootstrap (BCa), as `interval` does for means.
 * It is asked `resamples` times for items drawn anew, and once for each item left out. Where it says what is no finite
 * number (a share of nothing), that drawing does not count.
 *
 * @returns In the unit of the statistic; undefined where that is no finite number for the items themselves.
 * @throws DefinitionError `bad_statistics` at an option out of its range.
 *
 * @example
 * ```ts
 * import { bootstrap } from '@reprise/core'
 *
 * const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
 * console.log(bootstrap([3, 9, 4, 5, 7, 8, 6], median)?.estimate) // 6
 * ```
 */
export function bootstrap<Item>(
  items: readonly Item[],
  statistic: (items: readonly Item[]) => number,
  options: IntervalOptions = {},
): Interval | undefined {
  const leftOut = () => items.map((_, i) => statistic(items.toSpliced(i, 1)))
  return bca(items, statistic, leftOut, check([], options))
}

type Checked = Required<IntervalOptions>

function check(
  values: readonly number[],
  { level = 0.95, seed = 'reprise', binary = true, resamples = 2_000 }: IntervalOptions,
): Checked {
  if (!(level > 0 && level < 1)) throw wrong(`The level ${level} is no share. Give one between 0 and 1, as 0.95.`)
  if (!Number.isInteger(resamples) || resamples < 100)
    throw wrong(`Resampling ${resamples} times gives no interval. Give a whole number from 100, as 2000.`)
  const at = values.findIndex((value) => !Number.isFinite(value))
  if (at >= 0) throw wrong(`Value ${at} of ${values.length} is ${values[at]}. Leave out what is no finite number.`)
  return { level, seed, binary, resamples }
}

function wrong(message: string) {
  return new DefinitionError({ code: 'bad_statistics', message })
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The means of all values but one. */
function leftOutMeans(values: readonly number[]): readonly number[] {
  const sum = values.reduce((sum, value) => sum + value, 0)
  return values.map((value) => (sum - value) / (values.length - 1))
}

function wilson(share: number, { length: n }: readonly number[], { level }: Checked) {
  const z = pointAt((1 + level) / 2)
  const middle = share + (z * z) / (2 * n)
  const half = z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))
  const scale = 1 + (z * z) / n
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) }
}
