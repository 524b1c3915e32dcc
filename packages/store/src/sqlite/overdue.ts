import type { OverdueFilter, RunRow } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { decodeRun, RUN_COLUMNS } from './rows.ts'
import type { RunRecord } from './rows.ts'

interface Params {
  /** Milliseconds since 1970. */
  readonly now: number
  /** A JSON array of `[owner, beat]`. */
  readonly gone: string
  /** A JSON array of ids. */
  readonly except: string
  readonly tenant: string | null
  readonly limit: number
}

const FREE = `(owner is null or owner in gone) and id not in (select value from json_each(@except)) and (@tenant is null or tenant = @tenant)`

/** What finds the runs that are late. A run that was to be begun by now, and to have ended, is found once. */
export const SELECT_OVERDUE = `
  with gone (owner) as materialized (
    select owners.owner from json_each(@gone) join owners on owners.owner = value ->> 0 and owners.beat = value ->> 1)
  select ${RUN_COLUMNS} from runs not indexed where run in (
    select run from (select run from runs indexed by runs_expire
      where expire_at is not null and status = 'queued' and expire_at <= @now and ended_at is null and ${FREE}
      order by expire_at limit cast(@limit as integer))
    union
    select run from (select run from runs indexed by runs_deadline
      where deadline_at is not null and ended_at is null and deadline_at <= @now and status <> 'quarantined' and ${FREE}
      order by deadline_at limit cast(@limit as integer)))
  order by run limit cast(@limit as integer)`

/** Finds the runs that are late. */
export class Overdue {
  readonly #select

  constructor(db: SqliteDatabase) {
    this.#select = db.prepare<[Params], RunRecord>(SELECT_OVERDUE)
  }

  /** As the store's `overdue`. */
  of({ now, gone, except, limit, tenant }: OverdueFilter): readonly RunRow[] {
    const owners = JSON.stringify(gone.map(({ owner, heartbeat }) => [owner, heartbeat]))
    const given = { now, gone: owners, except: JSON.stringify(except), tenant: tenant ?? null, limit }
    return this.#select.all(given).map(decodeRun)
  }
}
