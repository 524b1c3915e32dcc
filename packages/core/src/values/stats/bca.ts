import { pointAt, shareBelow } from './normal.ts'
import { seeded } from './seeded.ts'

/** How an interval is made. */
export interface IntervalOptions {
  /** What share of such intervals should hold the true value, between 0 and 1. @default 0.95 */
  readonly level?: number
  /** What the resampling follows from: the same seed gives the same interval. @default 'reprise' */
  readonly seed?: string
  /**
   * Whether values of 0 and 1 mean no and yes, as Wilson's interval takes them. Say `false` of amounts: that each of three
   * took 1 turn does not say that one may take none. @default true where every value is 0 or 1
   */
  readonly binary?: boolean
  /** How often the values are drawn anew, a whole number from 100. @default 2000 */
  readonly resamples?: number
}

/** An estimate and how far it may be off by chance. */
export interface Interval {
  readonly estimate: number
  /** Undefined where one value says nothing about its like. */
  readonly low: number | undefined
  readonly high: number | undefined
  /** How many values it stands on. */
  readonly n: number
  readonly level: number
  /** How it was made: `wilson` where every value is 0 or 1. */
  readonly method: 'wilson' | 'bootstrap'
}

/** The bias-corrected and accelerated bootstrap. `leftOut` gives the statistic without each of the items. */
export function bca<Item>(
  items: readonly Item[],
  statistic: (items: readonly Item[]) => number,
  leftOut: (items: readonly Item[]) => readonly number[],
  { level, seed, resamples }: Required<IntervalOptions>,
): Interval | undefined {
  const estimate = statistic(items)
  if (items.length === 0 || !Number.isFinite(estimate)) return undefined
  const said = { estimate, n: items.length, level, method: 'bootstrap' } as const
  if (items.length < 2) return { ...said, low: undefined, high: undefined }
  const random = seeded(seed)
  const drawn = Array.from({ length: resamples }, () => statistic(redrawn(items, random)))
  const sorted = drawn.filter(Number.isFinite).toSorted((a, b) => a - b)
  const below = sorted.reduce((count, value) => count + (value < estimate ? 1 : value === estimate ? 0.5 : 0), 0)
  const bias = pointAt((below + 0.5) / (sorted.length + 1))
  const acceleration = accelerationOf(leftOut(items))
  const end = (share: number) => {
    const z = bias + pointAt(share)
    return quantile(sorted, shareBelow(bias + z / (1 - acceleration * z)))
  }
  return { ...said, low: end((1 - level) / 2), high: end((1 + level) / 2) }
}

function redrawn<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  // The index is below the length, since the number is below 1.
  return items.map(() => items[Math.floor(random() * items.length)] as Item)
}

/** How the spread changes with the value, by the skewness of what leaving out each item gives. */
function accelerationOf(leftOut: readonly number[]): number {
  const finite = leftOut.filter(Number.isFinite)
  const mean = finite.reduce((sum, value) => sum + value, 0) / finite.length
  const [squares, cubes] = finite.reduce<readonly [number, number]>(
    ([squares, cubes], value) => [squares + (mean - value) ** 2, cubes + (mean - value) ** 3],
    [0, 0],
  )
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5)
}

/** The value with `share` of the sorted values below, between two of them in proportion. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  const place = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low === undefined || high === undefined ? undefined : low + (high - low) * (place - Math.floor(place))
}
