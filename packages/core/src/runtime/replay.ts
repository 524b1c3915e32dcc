import { type Divergence, type TextDifference, walk } from '../agent/walk.ts'
import type { Entry } from '../contracts/entry.ts'
import type { Plan } from '../define/plan.ts'

/** What came of taking a stored run up again, offline, under today's code. */
export interface Replay {
  readonly runId: string
  /** `diverged` when today's code would have gone another way; texts that changed do not make it so. */
  readonly status: 'matched' | 'diverged'
  /** Entries that today's code agrees with, from the first. */
  readonly matched: number
  /** All entries of the run. */
  readonly entries: number
  /** The first place where today's code would go another way. */
  readonly divergence: Divergence | null
  /** Instructions, models, tools and schemas that read otherwise today, as a resumed run would not see them. */
  readonly differences: readonly TextDifference[]
}

/** Replays a run's entries: no model is asked, no tool is run, nothing is written. */
export function replayEntries(runId: string, entries: readonly Entry[], plan: Plan): Replay {
  const { state, divergence, differences } = walk(entries, plan)
  return {
    runId,
    status: divergence ? 'diverged' : 'matched',
    matched: state.seq + 1,
    entries: entries.length,
    divergence,
    differences,
  }
}
