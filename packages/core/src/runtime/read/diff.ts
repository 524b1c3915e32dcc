import { diffEntries, type StepPair } from '../../journal/diff/diff-entries.ts'
import type { Runs } from './runs.ts'

/** Two runs side by side. */
export interface RunDiff {
  readonly runA: string
  readonly runB: string
  /** Whether each step of one is a step of the other, and says the same there. */
  readonly same: boolean
  readonly pairs: readonly StepPair[]
}

/** Compares two stored runs. See `Runtime.diff`. */
export async function diffRuns(runs: Runs, runA: string, runB: string): Promise<RunDiff> {
  const pairs = diffEntries(await runs.entries(runA), await runs.entries(runB))
  return { runA, runB, same: pairs.every(({ kind }) => kind === 'same'), pairs }
}
