import type { Totals, Used } from '../../contracts/totals.ts'
import { addUsed, NO_TOTALS } from '../../journal/totals.ts'

/** What a run has used with the runs that came of it; where these have used nothing, its own totals as they are. */
export function withDescendants(totals: Totals, descendants: Used = NO_TOTALS): Totals {
  if (Object.values<number | Used>({ ...descendants }).every((figure) => figure === 0)) return totals
  const own = totals.own ?? totals
  return { ...addUsed(own, descendants), own, descendants }
}
