import type { TextDifference } from '../../agent/walk/text-differences.ts'
import { walk } from '../../agent/walk/walk.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { Before } from '../../agent/state/state.ts'
import { type AnyDefinition, planOf } from '../../define/plan.ts'
import type { Divergence } from '../../journal/divergence.ts'
import { replayWorkflow } from '../../workflow/replay-workflow.ts'

/** What came of taking a stored run up again, offline, under today's code. */
export interface Replay {
  readonly runId: string
  /** `diverged` when today's code would have gone another way; what stands in `differences` does not make it so. */
  readonly status: 'matched' | 'diverged'
  /** Entries that today's code agrees with, from the first. */
  readonly matched: number
  /** All entries of the run. */
  readonly entries: number
  /** The first place where today's code would go another way. */
  readonly divergence: Divergence | null
  /**
   * Instructions, models, tools and schemas that read otherwise today, and approvals that would be needed today or would not,
   * as a resumed run would not see them.
   */
  readonly differences: readonly TextDifference[]
}

/**
 * Replays a run's entries under the definition that would take it up: no model is asked, no tool and no step is run,
 * nothing is written.
 *
 * @param definitions as they are tried.
 * @param before of a turn of a session, what it goes on from.
 */
export async function replayEntries(
  runId: string,
  entries: readonly Entry[],
  [first, ...others]: readonly [AnyDefinition, ...AnyDefinition[]],
  before?: Before,
): Promise<Replay> {
  const replay = await replayUnder(runId, entries, first, before)
  if (replay.status === 'matched') return replay
  for (const other of others) {
    const another = await replayUnder(runId, entries, other, before)
    if (another.status === 'matched') return another
  }
  return replay
}

async function replayUnder(
  runId: string,
  entries: readonly Entry[],
  definition: AnyDefinition,
  before: Before | undefined,
): Promise<Replay> {
  if (definition.kind === 'workflow')
    return report(runId, entries, await replayWorkflow(runId, entries, definition), [])
  const { divergence, differences } = walk(entries, planOf(definition), 'judged again', before?.state)
  return report(runId, entries, divergence, differences)
}

function report(
  runId: string,
  entries: readonly Entry[],
  divergence: Divergence | null,
  differences: readonly TextDifference[],
): Replay {
  const status = divergence ? 'diverged' : 'matched'
  return { runId, status, matched: divergence?.seq ?? entries.length, entries: entries.length, divergence, differences }
}
