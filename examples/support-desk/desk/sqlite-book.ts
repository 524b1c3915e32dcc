import type { SqliteStore } from '@reprise/store'
import Database from 'better-sqlite3'
import type { Booked, DeskBook, Writing } from './book.ts'

const TABLES = `
create table if not exists credits (id integer primary key, run_id text not null, customer_id text not null, cents integer not null, reason text not null) strict;
create table if not exists escalations (id integer primary key, run_id text not null, customer_id text not null, summary text not null) strict;
`

const LINES = `
  select run_id as ticket, 'give_credit' as tool, customer_id as "to", cents, reason as text from credits
  union all
  select run_id, 'escalate', customer_id, null, summary from escalations`

/** The book in the store's file. */
export class SqliteBook implements DeskBook {
  readonly #store: SqliteStore
  readonly #db: Database.Database

  /** @param path of the store's file, which is there already. */
  constructor(store: SqliteStore, path: string) {
    this.#store = store
    this.#db = new Database(path, { fileMustExist: true })
    this.#db.exec(TABLES)
  }

  credit(ctx: Writing, customerId: string, cents: number, reason: string): undefined {
    const sql = 'insert into credits (run_id, customer_id, cents, reason) values (?, ?, ?, ?)'
    this.#store.tx(ctx).prepare(sql).run(ctx.runId, customerId, cents, reason)
  }

  escalate(ctx: Writing, customerId: string, summary: string): undefined {
    const sql = 'insert into escalations (run_id, customer_id, summary) values (?, ?, ?)'
    this.#store.tx(ctx).prepare(sql).run(ctx.runId, customerId, summary)
  }

  async lines(): Promise<readonly Booked[]> {
    return this.#db.prepare<[], Booked>(LINES).all()
  }

  async close(): Promise<void> {
    this.#db.close()
  }
}
