import type { Entry } from '../contracts/entry.ts'
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

function endingOf(entry: Entry): Standing['ending'] {
  switch (entry.kind) {
    case 'run.completed':
      return { kind: 'completed', ...entry.body }
    case 'run.failed': {
      const { outcome, ...rest } = entry.body
      return { kind: outcome, ...rest }
    }
    case 'run.cancelled':
      return { kind: 'cancelled', reason: entry.body.reason }
    default:
      return null
  }
}
