import type { Interval } from '@reprise/core'
import type { Agreement } from '@reprise/evals'
import { count } from '../show/used.ts'

/** How far each scorer agrees with people, a line a scorer. */
export function agreementLines(agreements: Readonly<Record<string, Agreement>>): string[] {
  return Object.entries(agreements).map(
    ([scorer, { n, share, kappa }]) =>
      `  ${scorer} agrees with people on ${sayInterval(share)} of ${count(n, 'trial')}, kappa ${sayInterval(kappa)}`,
  )
}

function sayInterval(interval: Interval | undefined): string {
  if (!interval) return 'unknown'
  const { estimate, low, high } = interval
  const range = low === undefined || high === undefined ? '' : ` (${low.toFixed(3)} to ${high.toFixed(3)})`
  return `${estimate.toFixed(3)}${range}`
}
