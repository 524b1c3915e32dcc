import type { OverdueFilter, RunRow } from '@reprise/core'
import type { Database } from './database.ts'
import { decodeRun, runColumns } from './rows.ts'
import type { RunRecord } from './rows.ts'
import type { Statement } from './statement.ts'
import type { Tables } from './tables.ts'

/** The statement that finds the runs that are late. A run that was to be begun by now, and to have ended, is found once. */
export function selectOverdue(
  { owners, runs }: Tables,
  { now, gone, except, limit, tenant }: OverdueFilter,
): Statement {
  const free = `ended_at is null and (owner is null or owner in (select owner from gone)) and id <> all($4::text[])
    ${tenant === undefined ? '' : 'and tenant = $6'}`
  const text = `with named as materialized (select * from unnest($2::text[], $3::bigint[]) named (owner, beat)),
    gone as materialized (
      select owner from named where beat = coalesce((select o.beat from ${owners} o where o.owner = named.owner), 0)
    ),
    late as materialized (
      (select run from ${runs} where expire_at is not null and status = 'queued' and expire_at <= $1::bigint and ${free}
        order by expire_at limit $5::bigint)
      union
      (select run from ${runs} where deadline_at is not null and deadline_at <= $1::bigint and status <> 'quarantined' and ${free}
        order by deadline_at limit $5::bigint)
    )
    select ${runColumns('r')} from late cross join lateral (select * from ${runs} r where r.run = late.run offset 0) r
      order by r.run limit $5::bigint`
  const owned = [gone.map(({ owner }) => owner), gone.map(({ heartbeat }) => heartbeat)]
  return { text, values: [now, ...owned, except, limit, ...(tenant === undefined ? [] : [tenant])] }
}

/** Finds the runs that are late. */
export class Overdue {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** As the store's `overdue`. */
  async of(filter: OverdueFilter): Promise<readonly RunRow[]> {
    const { text, values } = selectOverdue(this.#db.tables, filter)
    return (await this.#db.query<RunRecord>(text, values)).map(decodeRun)
  }
}
