import type { RunWrite, Store } from '@reprise/core'
import { isParked, PAGE } from './copy-runs.ts'
import type { Source } from './source.ts'

/** Lets runs go on as they stood; one that somebody has released or taken meanwhile is left. */
export async function letGoOn(source: Source, to: Store): Promise<void> {
  for (let last = 0; ;) {
    const page = source.runs('open', last, PAGE)
    const writes: RunWrite[] = []
    for (const { row } of page) {
      const { id: runId, epoch, status, waiting, waits, wakeAt, endedAt, totals } = row
      const there = await to.run(runId)
      if (!there || there.epoch !== epoch || !isParked(there)) continue
      writes.push({ runId, epoch, entries: [], row: { status, waiting, waits, wakeAt, endedAt, totals } })
    }
    if (writes.length > 0) await to.commit(writes)
    const end = page.at(-1)
    if (!end) return
    last = end.run
  }
}
