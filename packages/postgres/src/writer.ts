import type { RunWrite, WriteResult } from '@reprise/core'
import type { Database } from './database.ts'
import type { Lineages } from './lineages.ts'
import type { Secrets } from './secrets.ts'

/** Writes what runs have to say. */
export class Writer {
  constructor(_db: Database, _lineages: Lineages, _secrets: Secrets) {
    // to come
  }

  /** As the store's. */
  commit(_writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
    throw new Error('commit: to come')
  }

  /** Forgets where the journals of runs end: they were given to somebody else, or deleted. */
  forget(_runIds: readonly string[]): void {
    // to come
  }

  /** Forgets where all journals end. */
  forgetAll(): void {
    // to come
  }
}
