import type { SqliteStore } from '@reprise/store'
import Database from 'better-sqlite3'

const TABLES = `
create table if not exists credits (id integer primary key, run_id text not null, customer_id text not null, cents integer not null, reason text not null) strict;
create table if not exists escalations (id integer primary key, run_id text not null, customer_id text not null, summary text not null) strict;
`

/** The call that writes: its run stands in the line. */
interface Writing {
  readonly runId: string
}

/**
 * The desk's own book: credits given and tickets passed to a person.
 * It stands in the journal's own database, so that a line in it and the journal's entry about it are one transaction.
 */
export class DeskBook {
  readonly #store: SqliteStore
  readonly #db: Database.Database

  /** @param path of the store's file, which is there already. */
  constructor(store: SqliteStore, path: string) {
    this.#store = store
    this.#db = new Database(path, { fileMustExist: true })
    this.#db.exec(TABLES)
  }

  credit(ctx: Writing, customerId: string, cents: number, reason: string): void {
    const sql = 'insert into credits (run_id, customer_id, cents, reason) values (?, ?, ?, ?)'
    this.#store.tx(ctx).prepare(sql).run(ctx.runId, customerId, cents, reason)
  }

  escalate(ctx: Writing, customerId: string, summary: string): void {
    const sql = 'insert into escalations (run_id, customer_id, summary) values (?, ?, ?)'
    this.#store.tx(ctx).prepare(sql).run(ctx.runId, customerId, summary)
  }

  /** The tools that wrote for a ticket. */
  doneFor(ticket: string): string[] {
    const sql = `select 'give_credit' from credits where run_id = @ticket union select 'escalate' from escalations where run_id = @ticket`
    return this.#db.prepare<[{ ticket: string }], string>(sql).pluck().all({ ticket })
  }

  close(): void {
    this.#db.close()
  }
}
