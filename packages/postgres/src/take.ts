import type { RunRow, SeenRun, TakeFilter, Taker } from '@reprise/core'
import type { Database } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Gives runs to whoever has room for them. */
export class Take {
  constructor(_db: Database, _lineages: Lineages) {
    // to come
  }

  /** As the store's. */
  claim(_seen: SeenRun, _taker: Taker): Promise<RunRow | undefined> {
    throw new Error('claim: to come')
  }

  /** As the store's. */
  take(_taker: Taker, _filter: TakeFilter): Promise<readonly RunRow[]> {
    throw new Error('take: to come')
  }
}
