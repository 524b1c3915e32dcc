import type { LineageSecrets, Secret } from '@reprise/core'
import type { Cipher } from '@reprise/format'
import type { Database, Queryable } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Keeps what lineages keep secret. */
export class Secrets {
  constructor(_db: Database, _lineages: Lineages) {
    // to come
  }

  /** As the store's `secrets`. */
  of(_lineageId: string, _from: number): Promise<LineageSecrets> {
    throw new Error('of: to come')
  }

  /**
   * Keeps secrets of a lineage inside of a transaction; one that it has already is left as it is. They are numbered under
   * the lock of the lineage's row in `secret_counts`, so that whoever reads from a number on misses none.
   */
  keep(_tx: Queryable, _lineageId: string, _cipher: Cipher, _secrets: readonly Secret[]): Promise<void> {
    throw new Error('keep: to come')
  }

  /** How many secrets a lineage has, inside of a transaction. */
  count(_tx: Queryable, _lineageId: string): Promise<number> {
    throw new Error('count: to come')
  }
}
