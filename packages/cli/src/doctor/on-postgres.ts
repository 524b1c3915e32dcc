import { messageOf, type QueueRow } from '@reprise/core'
import { namedStore, openNamed, withoutPassword } from '../config/named-store.ts'
import type { Io } from '../line/io.ts'
import { queue } from './backlog.ts'
import { type Finding, told, well } from './finding.ts'
import { runs } from './findings.ts'

/** Looks at a store on Postgres: whether it is reached and opens by what was given, and how its runs stand. */
export async function onPostgres(io: Io, name: string): Promise<readonly Finding[]> {
  const named = namedStore(io, name)
  const place =
    named.kind === 'file' ? named.path : `${withoutPassword(named.url)}, schema "${named.schema ?? 'reprise'}"`
  try {
    await using store = await openNamed(io, name, 'refuse')
    const at = Date.now()
    const rows = await store.queue(at)
    return [
      well('store', place),
      well('key', io.env['REPRISE_KEY'] === undefined ? 'not encrypted' : 'encrypted, and the key and its keys fit'),
      ...runs({ runs: standings(rows) }),
      ...queue({ at, queue: rows }),
    ]
  } catch (error) {
    return [told('store', messageOf(error))]
  }
}

/** How many runs that have not ended stand in each way, whatever they are of. */
function standings(rows: readonly QueueRow[]) {
  const groups = Map.groupBy(rows, ({ status, waiting }) => `${status} ${waiting ?? ''}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first ? [{ ...first, count: group.reduce((sum, row) => sum + row.runs, 0) }] : []
  })
}
