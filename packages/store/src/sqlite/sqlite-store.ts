import type { Store } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'

/** A journal on SQLite, which transactional tools may write to in the same transaction. */
export interface SqliteStore extends Store, AsyncDisposable {
  transact: NonNullable<Store['transact']>
  backup: NonNullable<Store['backup']>
  keepAlive: NonNullable<Store['keepAlive']>
  hold: NonNullable<Store['hold']>
  within: NonNullable<Store['within']>

  /**
   * Runs the work of a program in one transaction on this store's database: what it writes to tables of its own, and what it
   * asks of a runtime with `{ tx }`, is there altogether or not at all.
   *
   * @param work gets better-sqlite3's `Database`, for as long as it runs, and must not be asynchronous. It runs again where the
   * store failed meanwhile and that may mend: let it change nothing outside.
   * @returns what the work returned, once that is committed.
   * @throws what the work threw, or the first that was refused of what it asked of a runtime; StoreError when the store failed;
   * DefinitionError with code `tx_async` or `tx_lost`. Nothing is kept then.
   */
  transaction<T>(work: (tx: SqliteDatabase) => T): Promise<T>

  /**
   * Gives a transactional tool the transaction that its effect and its entry share, on this store's database.
   * Tables of your own stand beside the journal's; the journal's are not to be touched.
   *
   * @param ctx what the tool's `execute` was given.
   * @throws DefinitionError outside of such a tool's `execute`.
   */
  tx(ctx: object): SqliteDatabase
}
