// The way out of a run that this process cannot bring further. Both sessions and take-up.ts call this with what was
// thrown; it writes by the run's own journal writer, so that what was paid for is kept and a stale owner writes nothing
// (invariant 8).
import type { RunRow } from '../../contracts/run.ts'
import type { Used } from '../../contracts/totals.ts'
import { RepriseError } from '../../values/errors.ts'
import type { Engine } from '../engine.ts'
import { interruption } from './interruption.ts'
import type { JournalWriter } from '../journal-writer.ts'
import { rowOf, type Standing } from './row.ts'
import { stackOf } from '../thrown.ts'

/**
 * Gives up a run that could not be brought further: what was kept of it is written, and its row says why (fenced by its
 * epoch, as every write is: invariant 8). Nobody who looks needs a log.
 *
 * @param taken the run's row when this process took it.
 * @returns how it stands then.
 * @throws what was thrown, where the run has another owner, or the store could not be told.
 */
export async function giveUp(
  engine: Engine,
  taken: RunRow,
  writer: JournalWriter,
  totals: Used,
  thrown: unknown,
): Promise<Standing> {
  if (RepriseError.is(thrown) && thrown.code === 'run_lost') throw thrown
  // What is shown to everybody has no secrets.
  const waiting = writer.secrets.redact(interruption(engine, taken, thrown, writer.isFurther))
  const standing = { ending: null, waiting, totals }
  const counts = waiting.mendable ? true : 'counted'
  if (!(await writer.giveUp(rowOf(standing, engine.clock.now()), counts))) throw thrown
  const stack = stackOf(thrown)
  return { ...standing, ...(stack !== undefined && { stack: writer.secrets.redact(stack) }) }
}
