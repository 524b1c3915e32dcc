import type { Store } from '@reprise/core'

/** The database of a memory store: what transactional tools write to, kept or dropped together with their entries. */
export type MemoryTables = Map<string, unknown>

/** A store that is gone with its process. */
export interface MemoryStore extends Store, AsyncDisposable {
  transact: NonNullable<Store['transact']>
  within: NonNullable<Store['within']>
  /**
   * Runs the work of a program in one transaction: what it changes in the store's tables, a copy one level deep, and what it
   * asks of a runtime with `{ tx }`, is there altogether or not at all. Whoever reads the store while the work runs, and that is
   * the work alone, sees its runs already.
   *
   * @param work must not be asynchronous, unless the store's transactions may be.
   * @throws what the work threw, or the first that was refused of what it asked of a runtime; DefinitionError with code
   * `tx_async` where it returned a promise.
   */
  transaction<T>(work: (tx: MemoryTables) => T | Promise<T>): Promise<T>
  /**
   * Gives a transactional tool this store's tables: a copy, one level deep, that replaces them with the tool's entry.
   *
   * @param ctx what the tool's `execute` was given.
   * @throws DefinitionError outside of such a tool's `execute`.
   */
  tx(ctx: object): MemoryTables
}
