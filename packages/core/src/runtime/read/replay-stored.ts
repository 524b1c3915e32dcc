import type { Engine } from '../../engine/engine.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import type { Definitions } from '../setup/definitions.ts'
import { type Replay, replayEntries } from './replay.ts'
import type { Runs } from './runs.ts'

/** What replaying a stored run takes. */
export interface ReplayParts {
  readonly engine: Pick<Engine, 'store' | 'log' | 'chains'>
  readonly runs: Runs
  readonly definitions: Definitions
}

/** Replays a stored run under today's definitions. See `Runtime.replay`. */
export async function replayStored({ engine, runs, definitions }: ReplayParts, runId: string): Promise<Replay> {
  const today = definitions.of(await runs.get(runId))
  const entries = (await engine.store.entries(runId)).map(decodeEntry)
  // Somebody may have deleted it in between.
  if (entries.length === 0) await runs.get(runId)
  return replayEntries(runId, entries, today, await engine.chains.joinedBy(entries))
}

/** Replays a workflow run that has ended, and logs where its code did not come to the same again. */
export async function logDivergence(parts: ReplayParts, runId: string): Promise<void> {
  const { engine, runs, definitions } = parts
  const row = await runs.get(runId)
  if (row.kind !== 'workflow' || !definitions.has(row)) return
  const { divergence } = await replayStored(parts, runId)
  if (!divergence) return
  engine.log.error(
    `The workflow "${row.name}" is not deterministic: run again over its own journal, run "${runId}" parts at entry ${divergence.seq}: ` +
      `it recorded ${divergence.recorded}, and would now ${divergence.today}. Take times, random numbers and I/O from ctx.`,
    { divergence },
  )
}
