import type { StoredEntry } from '@reprise/core'
import type { Database } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Reads runs' journals and holds each entry against the hash chain (fault 17). */
export class Entries {
  constructor(_db: Database, _lineages: Lineages) {
    // to come
  }

  /** As the store's `entries`. */
  of(_runId: string, _from: number): Promise<readonly StoredEntry[]> {
    throw new Error('of: to come')
  }
}
