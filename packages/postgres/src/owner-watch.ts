import { setTimeout as pause } from 'node:timers/promises'
import type { Queryable } from './database.ts'
import type { FoundOwner } from './examination.ts'
import type { Tables } from './tables.ts'

/** Between two looks, in milliseconds. */
const LOOK_AGAIN_MS = 100

/** Looks whose heartbeat changes, until all owners that have runs were seen to live, or it has looked for long enough. */
export async function watchOwners(db: Queryable, tables: Tables, patienceMs: number): Promise<readonly FoundOwner[]> {
  const until = performance.now() + patienceMs
  let seen = new Map<string, { readonly first: number; readonly found: FoundOwner }>()
  for (;;) {
    const now = await look(db, tables)
    // Those that have let go of their runs meanwhile are owners no more.
    seen = new Map(
      now.map(({ owner, runs, beat }) => {
        const before = seen.get(owner)
        const first = before?.first ?? beat
        return [owner, { first, found: { owner, runs, beats: before?.found.beats === true || beat !== first } }]
      }),
    )
    const found = [...seen.values()].map((each) => each.found)
    if (found.every(({ beats }) => beats) || performance.now() >= until) return found
    await pause(LOOK_AGAIN_MS)
  }
}

interface OwnerRecord extends Omit<FoundOwner, 'beats'> {
  readonly beat: number
}

/** Those alone whose runs have not ended are read, off an index that has no others. */
function look(db: Queryable, { owners, runs }: Tables): Promise<readonly OwnerRecord[]> {
  return db.query<OwnerRecord>(`
    select owner, runs, coalesce(beat, 0) as beat from (
      select owner, count(*) as runs from ${runs} where owner is not null and ended_at is null group by owner
    ) owning left join ${owners} using (owner) order by owner`)
}
