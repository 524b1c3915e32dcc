import type { PostgresStore } from '@reprise/postgres'
import pg from 'pg'
import type { Booked, DeskBook, Writing } from './book.ts'

const TABLES = `
create schema if not exists desk;
create table if not exists desk.credits (id bigint generated always as identity, run_id text not null, customer_id text not null, cents integer not null, reason text not null);
create table if not exists desk.escalations (id bigint generated always as identity, run_id text not null, customer_id text not null, summary text not null);
`

/** Of the lock that keeps two processes from making the tables at once. */
const LOCK = 7_411_001

const LINES = `
  select run_id as ticket, 'give_credit' as tool, customer_id as "to", cents, reason as text from desk.credits
  union all
  select run_id, 'escalate', customer_id, null, summary from desk.escalations`

/** The book in the store's database. */
export class PostgresBook implements DeskBook {
  readonly #store: PostgresStore
  readonly #pool: pg.Pool

  private constructor(store: PostgresStore, pool: pg.Pool) {
    this.#store = store
    this.#pool = pool
  }

  /** Opens it, and makes it where there is none. */
  static async open(store: PostgresStore, url: string): Promise<PostgresBook> {
    const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: 10_000 })
    // A connection that breaks while nobody uses it is replaced at the next use.
    pool.on('error', () => undefined)
    await pool.query(`begin; select pg_advisory_xact_lock(${LOCK}); ${TABLES} commit`)
    return new PostgresBook(store, pool)
  }

  async credit(ctx: Writing, customerId: string, cents: number, reason: string): Promise<void> {
    const sql = 'insert into desk.credits (run_id, customer_id, cents, reason) values ($1, $2, $3, $4)'
    await this.#store.tx(ctx).query(sql, [ctx.runId, customerId, cents, reason])
  }

  async escalate(ctx: Writing, customerId: string, summary: string): Promise<void> {
    const sql = 'insert into desk.escalations (run_id, customer_id, summary) values ($1, $2, $3)'
    await this.#store.tx(ctx).query(sql, [ctx.runId, customerId, summary])
  }

  async lines(): Promise<readonly Booked[]> {
    const { rows } = await this.#pool.query<Booked>(LINES)
    return rows
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}
