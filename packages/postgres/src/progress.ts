import { PROGRESS } from '@reprise/core'
import { kindCode } from '@reprise/format'
import type { Tables } from './tables.ts'

const CODES = [...PROGRESS].map(kindCode).join(', ')

/**
 * What a run's attempts become as it is taken, for the row `r` as it stood before: whether anything that got it further was
 * written since it was last taken is looked for only where an owner died with it, or gave it up as `counted`, and in the runs
 * below it only where its own journal has not grown.
 *
 * What is since the last taking is told by the seq in its own journal. In those below it is told by what Postgres keeps with
 * each row anyway, the number of the transaction that wrote it: a column of ours would cost each entry, a count of what is below
 * each taking of a run with many children. Numbers are compared as Postgres does, round a circle of 2^32. Whoever restores a
 * dump gets others: then one attempt may be counted that was none, or left out, since each taking notes a new number.
 */
export function attemptsOf({ runs, entries }: Tables): string {
  const isSince = `(r.taken_xid = 0 or ((last.xmin::text::bigint - r.taken_xid) & 4294967295) between 1 and 2147483647)`
  return `case
    when r.owner is null and not r.counted then 1
    when exists (select 1 from ${entries} own where own.run = r.run and own.seq >= r.taken and own.kind in (${CODES})) then 1
    when exists (
      with recursive below (run, id) as (
        select child.run, child.id from ${runs} child where child.parent_id = r.id
        union
        select child.run, child.id from below
          cross join lateral (select run, id from ${runs} c where c.parent_id = below.id offset 0) child
      )
      select 1 from below cross join lateral (
        select entry.xmin from ${entries} entry where entry.run = below.run and entry.kind in (${CODES})
          order by entry.seq desc limit 1
      ) last where ${isSince}
    ) then 1
    else r.attempts + 1 end`
}

/** What a taking notes of the run `r`, so that the next one finds what came since. */
export function notesOf({ entries }: Tables): string {
  return `taken = (select coalesce(max(seq) + 1, 0) from ${entries} own where own.run = r.run),
    taken_xid = pg_current_xact_id()::text::bigint`
}
