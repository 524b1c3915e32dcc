import type { Tables } from './tables.ts'

/** What answers statements. */
export interface Queryable {
  /**
   * Sends a statement: `$1` stands for the first value. Several may be sent before the first is answered; they are done in
   * their order. bigint comes as a number, bytea as a Buffer, text[] as an array; what is beyond 2^53 is refused.
   *
   * @returns the rows.
   * @throws what the driver or the server says: `Database` makes a StoreError of it.
   */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>
}

/** A database as the rooms of a store use it. */
export interface Database extends Queryable {
  /** What errors call it: the address without the password, and the schema. */
  readonly name: string
  /** The names of the tables as they stand in a statement. */
  readonly tables: Tables

  /**
   * The same as `query` for a long statement that comes often: the server plans it a few times, and then keeps its plan.
   * There are to be few of such texts.
   */
  queryAgain<Row extends object>(text: string, values: readonly unknown[]): Promise<readonly Row[]>

  /**
   * Does some work in a transaction of READ COMMITTED. What it throws takes all of it back. It is done again, from its
   * beginning, where another transaction was in the way (40001, 40P01, 23505, 23503): it must do nothing else than to ask.
   *
   * @throws StoreError of what the server says; what the work throws by itself.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>

  /** Closes it, once what is under way is done. */
  close(): Promise<void>
}
