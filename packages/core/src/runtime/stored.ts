import { endingOf } from '../agent/ending.ts'
import type { RunRow } from '../contracts/run.ts'
import type { Store } from '../contracts/store.ts'
import type { Standing } from '../engine/row.ts'
import { unseal } from '../journal/seal.ts'

/** How a stored run stands, as its row and its last entry say. */
export async function storedStanding(store: Store, { id, totals, waiting, endedAt }: RunRow): Promise<Standing> {
  if (endedAt === null) return { ending: null, waiting, totals }
  const last = (await store.entries(id)).at(-1)
  return { ending: last ? endingOf(unseal(last)) : null, waiting: null, totals }
}
