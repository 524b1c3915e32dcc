/** How often one row was tried, and how often that went well. */
export interface Tried {
  readonly trials: number
  readonly successes: number
}

/**
 * Estimates pass^k: how likely k tries of one row all go well, as the mean over rows of C(c, k) / C(n, k) with c successes of
 * n trials. It says how far somebody may rely on an agent, where pass@k would say that one of k tries goes well.
 *
 * @param k from 1. Rows with fewer trials than that say nothing of it.
 * @returns from 0 to 1; undefined where no row has k trials.
 * @see Shunyu Yao, Noah Shinn, Pedram Razavi, Karthik Narasimhan, "tau-bench: A Benchmark for Tool-Agent-User Interaction in
 * Real-World Domains" (2024), arXiv:2406.12045, section 4
 *
 * @example
 * ```ts
 * import { passHat } from '@reprise/evals'
 *
 * const rows = [{ trials: 4, successes: 4 }, { trials: 4, successes: 2 }]
 * console.log(passHat(rows, 1), passHat(rows, 2)?.toFixed(3)) // 0.75 0.583
 * ```
 */
export function passHat(rows: readonly Tried[], k: number): number | undefined {
  const shares = passHatOfRows(rows, k)
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length
}

/** The same of each row with k trials. */
export function passHatOfRows(rows: readonly Tried[], k: number): readonly number[] {
  return rows.filter(({ trials }) => trials >= k).map(({ trials, successes }) => allOf(successes, trials, k))
}

/** C(c, k) / C(n, k): how likely k of n, drawn without putting back, are among c. */
function allOf(c: number, n: number, k: number): number {
  let share = 1
  for (let drawn = 0; drawn < k; drawn++) share *= Math.max(0, c - drawn) / (n - drawn)
  return share
}
