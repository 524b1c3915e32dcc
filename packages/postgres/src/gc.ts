import type { EndedStatus } from '@reprise/core'
import type { Database } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Cleans up what has ended. */
export class Gc {
  constructor(_db: Database, _lineages: Lineages) {
    // to come
  }

  /** As the store's. */
  collect(_endedBefore: number, _statuses: readonly EndedStatus[], _limit: number): Promise<readonly string[]> {
    throw new Error('collect: to come')
  }
}
