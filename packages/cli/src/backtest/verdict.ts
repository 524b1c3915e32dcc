import type { BacktestReport, BacktestRun } from '@reprise/core'

/** What lets a backtest fail. */
export const FAILURES = ['changed', 'parted', 'broken', 'failed'] as const

/** One of them. */
export type Failure = (typeof FAILURES)[number]

const IS: { readonly [K in Failure]: (run: BacktestRun) => boolean } = {
  changed: ({ status }) => status === 'changed' || status === 'parted',
  parted: ({ status }) => status === 'parted',
  broken: ({ status, recorded, candidate, end }) =>
    (status === 'same' || status === 'changed' || status === 'parted') &&
    (candidate.refused > recorded.refused ||
      candidate.unusable > recorded.unusable ||
      (end !== null && recorded.outcome.kind === 'completed' && candidate.outcome.kind !== 'completed')),
  failed: ({ status }) => status === 'failed',
}

/** Why a gate does not let a backtest through, each in a line; nothing where it does. */
export function objections({ runs, all, partial }: BacktestReport, failures: readonly Failure[]): readonly string[] {
  const found = failures.flatMap((failure) => {
    const count = runs.filter(IS[failure]).length
    return count > 0 ? `${count} of ${all.runs} are ${failure}` : []
  })
  const compared = all.same + all.changed + all.parted
  return [
    ...found,
    ...(failures.length > 0 && compared === 0 ? ['no run was compared'] : []),
    ...(partial ? [`${partial.left} were left: ${partial.problem.message}`] : []),
  ]
}
