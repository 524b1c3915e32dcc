import type { Waiting } from '@reprise/core'
import type { Queryable } from './database.ts'
import type { Tables } from './tables.ts'

/** By how much epochs rise: more owners than any run had after the moment that was restored, whose writes would count else. */
const EPOCHS = 1_000_000

/**
 * Does with a journal what has to be done where it is of an earlier moment than what was written to it: runs that had not ended
 * then go into quarantine, nobody who owned one can write to it, and schedules are paused. From then on it has a history of its
 * own, apart from that of which it is a copy.
 *
 * @param goOn the names of the definitions whose runs are left as they are, but for their owners.
 * @returns the ids of the runs that wait.
 */
export async function park(
  tx: Queryable,
  { line_changes: changes, meta, owners, runs, schedules }: Tables,
  reason: string,
  goOn: readonly string[] = [],
): Promise<readonly string[]> {
  const waiting = { kind: 'quarantined', key: 'run', reason } satisfies Waiting
  await tx.query(`update ${meta} set history = gen_random_uuid(), mark = 0`)
  await tx.query(`update ${schedules} set paused = true, etag = gen_random_uuid()`)
  const freed = (set: string, where: string): string => `with freed as (
      update ${runs} set ${set} owner = null, parked = line is not null, epoch = epoch + ${EPOCHS}
        where ended_at is null and ${where} returning run, id, line
    ),
    changed as (insert into ${changes} (line) select distinct line from freed where line is not null)
    select id from freed order by run`
  await tx.query(freed('', 'name = any($1::text[])'), [goOn])
  const parked = await tx.query<{ id: string }>(
    freed(
      `status = 'quarantined', waiting = $1, waiting_kind = 'quarantined', waits = $2, wake_at = null,`,
      'name <> all($3::text[])',
    ),
    [JSON.stringify(waiting), JSON.stringify([waiting]), goOn],
  )
  await tx.query(`delete from ${owners}`)
  return parked.map(({ id }) => id)
}
