import type { Score, Trial } from '../define/scorer.ts'
import { outputOf } from './output.ts'

/**
 * Scores whether an output keeps a condition.
 *
 * @param holds what the condition says of a run's output: true or false, or the sentence of what is wrong.
 * @example
 * ```ts
 * import { constraint } from '@reprise/evals'
 *
 * const adds = constraint((output: { lines: number[]; total: number }) => {
 *   const sum = output.lines.reduce((sum, line) => sum + line, 0)
 *   return sum === output.total || `the lines come to ${sum}`
 * })
 * ```
 */
export function constraint<Output, Expected = unknown>(
  holds: (output: Output, row: Trial<Output, Expected>['row']) => boolean | string,
): Score<Output, Expected> {
  return ({ row, run }) => {
    const { output, why } = outputOf(run)
    if (why !== undefined) return { score: 0, why }
    const said = holds(output, row)
    return typeof said === 'string' ? { score: 0, why: said } : said
  }
}

/**
 * Scores 1 where a trial cost no more than so many US dollars, and cannot tell where a price is not known.
 *
 * @example
 * ```ts
 * import { costAtMost } from '@reprise/evals'
 *
 * const scorers = { cheap: costAtMost(0.02) }
 * ```
 */
export function costAtMost(usd: number): Score {
  return ({ run: { costUsd } }) => {
    if (costUsd === undefined) return { score: null, why: 'a price is not known' }
    return costUsd <= usd ? true : { score: 0, why: `it cost $${costUsd.toFixed(6)}` }
  }
}

/**
 * Scores 1 where a trial took no longer than so many milliseconds, and cannot tell of one that was interrupted.
 *
 * @example
 * ```ts
 * import { latencyAtMost } from '@reprise/evals'
 *
 * const scorers = { quick: latencyAtMost(5_000) }
 * ```
 */
export function latencyAtMost(ms: number): Score {
  return ({ run: { latencyMs } }) => {
    if (latencyMs === undefined) return { score: null, why: 'it was interrupted' }
    return latencyMs <= ms ? true : { score: 0, why: `it took ${latencyMs} ms` }
  }
}

/**
 * Scores 1 where models were asked no more than so many times.
 *
 * @example
 * ```ts
 * import { turnsAtMost } from '@reprise/evals'
 *
 * const scorers = { short: turnsAtMost(6) }
 * ```
 */
export function turnsAtMost(turns: number): Score {
  return ({ run: { totals } }) => (totals.turns <= turns ? true : { score: 0, why: `it took ${totals.turns} turns` })
}
