import { endingOf } from '../../agent/state/ending.ts'
import type { RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import type { Within } from '../../contracts/within.ts'
import type { Standing } from '../../engine/session/row.ts'
import { decodeEntry } from '../../journal/entry-codec.ts'
import { follow, got, type Steps } from '../../values/steps.ts'

/** How a stored run stands, as its row and its last entry say. */
export async function storedStanding(store: Store, { id, totals, waiting, waits, endedAt }: RunRow): Promise<Standing> {
  if (endedAt === null) return { ending: null, waiting, waits, totals }
  const last = (await store.entries(id)).at(-1)
  return { ending: last ? endingOf(decodeEntry(last)) : null, waiting: null, totals }
}

/** The ids of all runs below a run: children, their children, and so on, those of one parent in the order of creation. */
export async function runsBelow(store: Store, runId: string): Promise<readonly string[]> {
  const below: string[] = []
  let page = await store.runs({ parentId: runId })
  for (let last = page.at(-1); last; last = page.at(-1)) {
    for (const { id } of page) below.push(id, ...(await runsBelow(store, id)))
    page = await store.runs({ parentId: runId, after: last.id })
  }
  return below
}

/** The run that a run goes on as by now: itself, where it was not continued. */
export async function newestContinuation(store: Store, runId: string): Promise<string> {
  return (await follow(newestStored(store, runId)))?.id ?? runId
}

/** Its row, in steps; undefined where there is no such run. */
export function* newestStored(store: Pick<Within, 'run' | 'newest'>, runId: string): Steps<RunRow | undefined> {
  const row = yield* got(store.run(runId))
  if (row?.kind !== 'workflow' || row.status !== 'completed') return row
  // Some between may have been cleaned up.
  return (yield* got(store.newest(row.root))) ?? row
}
