import { DefinitionError } from '../errors.ts'

/** How many halvings are done at once, so that neither sums nor shares leave what a number holds. */
const SCALE = 500

/** Whether more have risen than fallen, or the other way round, and how often chance alone does as much. */
export interface SignTest {
  /** How many have risen. */
  readonly up: number
  /** How many have fallen. */
  readonly down: number
  /**
   * How often chance alone gives a split at least as uneven, from 0 to 1: 1 where nothing has changed. Below 0.05 is
   * commonly called no chance, which takes six changes at the least, all one way.
   */
  readonly p: number
}

/**
 * The exact sign test, two-sided: whether differences are above 0 as often as below. Those that are 0 count for neither.
 * How large they are does not matter, so one question that costs a hundred times more decides nothing.
 *
 * @param differences What came after less what came before, one of each pair; finite numbers.
 * @throws DefinitionError `bad_statistics` at what is no finite number.
 * @see William J. Conover, "Practical Nonparametric Statistics" (3rd edition, 1999), section 3.4
 *
 * @example
 * ```ts
 * import { signTest } from '@reprise/core'
 *
 * console.log(signTest([0.2, 0.1, 0.4, 0, 0.1, 0.3, 0.1])) // { up: 6, down: 0, p: 0.03125 }
 * ```
 */
export function signTest(differences: readonly number[]): SignTest {
  const at = differences.findIndex((value) => !Number.isFinite(value))
  if (at >= 0)
    throw wrong(`Difference ${at} of ${differences.length} is ${differences[at]}. Leave out what is no finite number.`)
  return mcnemar(differences.filter((it) => it > 0).length, differences.filter((it) => it < 0).length)
}

/**
 * McNemar's test of paired yes and no, exact and two-sided: whether as many became right as became wrong. Pairs that are
 * both right, or both wrong, say nothing of it.
 *
 * @param up How many were wrong before and are right after, a whole number from 0.
 * @param down How many were right before and are wrong after, likewise.
 * @throws DefinitionError `bad_statistics` at what is no such number.
 * @see Quinn McNemar, "Note on the sampling error of the difference between correlated proportions" (1947)
 *
 * @example
 * ```ts
 * import { mcnemar } from '@reprise/core'
 *
 * console.log(mcnemar(1, 9).p.toFixed(4)) // 0.0215
 * ```
 */
export function mcnemar(up: number, down: number): SignTest {
  for (const count of [up, down])
    if (!Number.isSafeInteger(count) || count < 0) throw wrong(`${count} counts nothing. Give whole numbers from 0.`)
  const n = up + down
  // A fair coin thrown n times shows at most so many of its rarer side: a sum of binomials, which grow too large to hold.
  let [term, tail, halvings] = [1, 0, n]
  for (let k = 0; k <= Math.min(up, down); k++) {
    tail += term
    term = (term * (n - k)) / (k + 1)
    if (term < 2 ** SCALE) continue
    term /= 2 ** SCALE
    tail /= 2 ** SCALE
    halvings -= SCALE
  }
  return { up, down, p: Math.min(1, 2 * tail * 2 ** -halvings) }
}

function wrong(message: string) {
  return new DefinitionError({ code: 'bad_statistics', message })
}
