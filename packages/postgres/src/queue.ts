import type { QueueRow } from '@reprise/core'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

interface QueueRecord extends Omit<QueueRow, 'readySince'> {
  readonly ready_since: number | null
}

/**
 * The statement that counts the runs that have not ended, by how they stand, as of one moment. It reads them off an index
 * that has no others, and the last entries of those alone that were given back.
 */
export function selectQueue({ runs, inbox, entries }: Tables): string {
  return `
    select kind, name, status, waiting_kind as waiting, count(*) as runs, count(owner) as owned,
        count(*) filter (where ready) as ready, min(since) filter (where ready) as ready_since
      from (select run, kind, name, status, waiting_kind, wake_at, owner, created_at from ${runs} where ended_at is null) open
      left join (select run, min(at) as at from ${inbox} group by run) mail using (run)
      left join lateral (
        select at from ${entries} e where open.status = 'running' and open.owner is null and e.run = open.run
          order by seq desc limit 1
      ) last on true
      cross join lateral (select
        owner is null and case
          when status in ('queued', 'running') then wake_at is null or wake_at <= $1::bigint
          when status = 'waiting' then coalesce(wake_at <= $1::bigint, false)
            or (mail.at is not null and waiting_kind is distinct from 'interrupted')
          else false end as ready,
        case when wake_at <= $1::bigint then wake_at when status = 'waiting' then mail.at
          else coalesce(last.at, created_at) end as since) own
      group by kind, name, status, waiting_kind`
}

/** Counts the runs that have not ended. */
export class Queue {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** As the store's `queue`. */
  async count(now: number): Promise<readonly QueueRow[]> {
    const records = await this.#db.query<QueueRecord>(selectQueue(this.#db.tables), [Math.floor(now)])
    return records.map(({ ready_since: readySince, ...row }) => ({ ...row, readySince }))
  }
}
