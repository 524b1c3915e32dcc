import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from './database.ts'

/** What held something of erased runs, and of the schedules of the same people and what is known of them. */
const TABLES = [
  'entries',
  'blobs',
  'inbox',
  'early',
  'lines',
  'line_changes',
  'secrets',
  'runs',
  'schedules',
  'facts',
] as const

/** How long others are waited for that look at the database as it was before, and how often it is looked, in milliseconds. */
const PATIENCE_MS = 2_000
const PAUSE_MS = 20

/**
 * Whether somebody looks at the database as it was before a transaction: a long one, a standby that says so, a prepared
 * transaction. What was deleted is kept for them.
 */
const HELD = `
  select exists (
    select 1 from pg_stat_activity where pid <> pg_backend_pid() and backend_type in ('client backend', 'walsender')
      and backend_xmin is not null and age(backend_xmin) > age($1::text::xid)
      and (datname is null or datname = current_database())
    union all select 1 from pg_replication_slots where xmin is not null and age(xmin) > age($1::text::xid)
    union all select 1 from pg_prepared_xacts where database = current_database() and age(transaction) > age($1::text::xid)
  ) as held`

/**
 * Lets Postgres take away what it keeps of deleted rows, as it would do by itself some time later. It overwrites nothing: in
 * the space that becomes free their bytes may be found until something else is written there, and in the log and in backups as long as those
 * are kept. Only a store that is encrypted has nothing there that can be read.
 */
export class Vacuum {
  readonly #db: Database
  #running: Promise<boolean> | undefined
  #next: Promise<boolean> | undefined

  constructor(db: Database) {
    this.#db = db
  }

  /** Vacuums what held something of erased runs; false where somebody else keeps it from that: Postgres does it later by itself. */
  clean(): Promise<boolean> {
    if (!this.#running) return this.#begin()
    // Those that ask meanwhile share the next time: theirs was not deleted when this one began.
    return (this.#next ??= this.#running.then(() => this.#begin()))
  }

  #begin(): Promise<boolean> {
    this.#next = undefined
    const running = this.#clean().finally(() => {
      if (this.#running === running) this.#running = undefined
    })
    return (this.#running = running)
  }

  async #clean(): Promise<boolean> {
    const names = TABLES.map((table) => this.#db.tables[table])
    try {
      const [now] = await this.#db.query<{ xid: string; at: string }>(
        'select pg_snapshot_xmax(pg_current_snapshot())::xid::text as xid, clock_timestamp()::text as at',
      )
      if (await this.#isHeld(now?.xid)) return false
      // Indexes hold nothing of what was said, and to go through them takes the longest.
      await this.#db.query(`vacuum (index_cleanup off, truncate off) ${names.join(', ')}`)
      // Whoever does not own the tables is only warned.
      const [after] = await this.#db.query<{ done: boolean }>(
        `select bool_and(pg_stat_get_last_vacuum_time(name::regclass) >= $2::timestamptz) as done from unnest($1::text[]) name`,
        [names, now?.at],
      )
      return after?.done === true
    } catch {
      return false
    }
  }

  /** Most transactions are over in a moment. */
  async #isHeld(xid: string | undefined): Promise<boolean> {
    for (const until = performance.now() + PATIENCE_MS; ; await pause(PAUSE_MS)) {
      const [found] = await this.#db.query<{ held: boolean }>(HELD, [xid])
      if (found?.held === false) return false
      if (performance.now() >= until) return true
    }
  }
}
