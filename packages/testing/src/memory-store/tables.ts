import type { Store } from '@reprise/core'

/** The database of a memory store: what transactional tools write to, kept or dropped together with their entries. */
export type MemoryTables = Map<string, unknown>

/** A store that is gone with its process. */
export interface MemoryStore extends Store, AsyncDisposable {
  transact: NonNullable<Store['transact']>
  /**
   * Gives a transactional tool this store's tables: a copy, one level deep, that replaces them with the tool's entry.
   *
   * @param ctx what the tool's `execute` was given.
   * @throws DefinitionError outside of such a tool's `execute`.
   */
  tx(ctx: object): MemoryTables
}
