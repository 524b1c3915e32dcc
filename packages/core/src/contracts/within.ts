import type { Given } from '../values/steps.ts'
import type { AuditNote } from './audit.ts'
import type { InboxMessage } from './message.ts'
import type { RunRow } from './run.ts'
import type { LineageSecrets, Secret } from './secret.ts'
import type { Beginning, StoredEntry } from './write.ts'

/**
 * The key under which a transactional tool's ctx carries the handle of its transaction; a store's `tx` reads it.
 *
 * @example
 * ```ts
 * import { TX } from '@reprise/core'
 *
 * class Transaction {
 *   readonly rows = new Map<string, unknown>()
 * }
 * // What a store of yours offers its transactional tools as `store.tx(ctx)`.
 * function tx(ctx: object): Transaction {
 *   if (TX in ctx && ctx[TX] instanceof Transaction) return ctx[TX]
 *   throw new Error('store.tx(ctx) is for the execute of a transactional tool, with its own ctx.')
 * }
 * ```
 */
export const TX = Symbol.for('reprise.tx')

/**
 * A store within a transaction of the application's: what is written is there if and only if that is committed, and what is
 * read is as it stands there, with what was written before. All of it is given at once where the transaction is synchronous.
 */
export interface Within {
  /**
   * Begins a run that nobody owns; false where one with its id is there, or its lineage was erased or is of another tenant, and
   * nothing is written then. That is no error of the database: the application's transaction stands.
   */
  begin(beginning: Beginning): Given<boolean>
  /** As the store's. */
  send(message: InboxMessage, secrets?: readonly Secret[], note?: AuditNote): Given<boolean>
  run(runId: string): Given<RunRow | undefined>
  newest(root: string): Given<RunRow | undefined>
  entries(runId: string): Given<readonly StoredEntry[]>
  inbox(runId: string): Given<readonly InboxMessage[]>
  /**
   * As the store's. The key that it makes for a lineage may stay where the transaction is rolled back: nothing is encrypted by
   * it then, and a run of that id would have it.
   */
  secrets?(lineageId: string, from: number): Given<LineageSecrets>
  /**
   * Says that what was asked for has failed: whoever runs a synchronous transaction cannot wait to hear of it, so the
   * transaction fails with the first such error, and nothing of it is kept. Absent where it is asynchronous.
   */
  refuse?(error: unknown): void
  /**
   * Calls a function once the transaction is committed, where the store hears of that: it may not be called though it is, and
   * never is where it is rolled back.
   */
  committed?(then: () => void): void
}
