import type { Interval, SignTest } from '@reprise/core'

/** What is told of one scorer, measure or pass^k. */
export interface Line {
  readonly name: string
  readonly unit: 'share' | 'usd' | 'ms' | 'count'
  /** The mean over rows of their means over repeats, with its interval; undefined where nothing is known. */
  readonly mean: Interval | undefined
  /** Trials of which nothing is known. */
  readonly unknown: number
  /** Against the last result, over the rows that both have; undefined where there are none. */
  readonly change: Change | undefined
}

/** How something has changed. */
export interface Change {
  readonly difference: Interval
  /** Rows that rose and fell, and how often chance alone does as much. */
  readonly test: SignTest
}

/** All lines of a report. */
export interface Lines {
  readonly scores: readonly Line[]
  readonly passHat: readonly Line[]
  readonly measures: readonly Line[]
}
