import type { RunRow } from '../../contracts/run.ts'
import type { Engine } from '../../engine/engine.ts'
import { type Deed, noteOf } from '../../journal/audit-note.ts'

/** How many runs are noted with one write. */
const TOGETHER = 100

/** Gives rows, of which somebody is given what they hold: that is kept first. */
export async function* noted(
  { store, clock }: Pick<Engine, 'store' | 'clock'>,
  rows: AsyncIterable<RunRow>,
  deed: Omit<Deed, 'at'>,
): AsyncGenerator<RunRow, void, undefined> {
  let some: RunRow[] = []
  const note = async (): Promise<readonly RunRow[]> => {
    const noting = some
    some = []
    const at = clock.now()
    if (noting.length > 0) await store.note(noting.map((row) => noteOf(row, { ...deed, at })))
    return noting
  }
  for await (const row of rows) if (some.push(row) === TOGETHER) yield* await note()
  yield* await note()
}
