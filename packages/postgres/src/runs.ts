import type { RunFilter, RunRow, Used } from '@reprise/core'
import type { Database } from './database.ts'

/** Reads runs' rows. */
export class Runs {
  constructor(_db: Database) {
    // to come
  }

  /** As the store's. */
  get(_runId: string): Promise<RunRow | undefined> {
    throw new Error('get: to come')
  }

  /** As the store's. */
  newest(_root: string): Promise<RunRow | undefined> {
    throw new Error('newest: to come')
  }

  /** As the store's. */
  used(_runIds: readonly string[]): Promise<readonly Used[]> {
    throw new Error('used: to come')
  }

  /** As the store's. */
  list(_filter: RunFilter): Promise<readonly RunRow[]> {
    throw new Error('list: to come')
  }
}
