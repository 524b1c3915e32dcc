import type { OwnerHeartbeat } from '@reprise/core'
import type { Database } from './database.ts'

/** Keeps the heartbeats of owners. */
export class Owners {
  constructor(_db: Database) {
    // to come
  }

  /** As the store's. */
  beat(_owner: string, _beat: number): Promise<number> {
    throw new Error('beat: to come')
  }

  /** As the store's. */
  owned(_owner: string): Promise<readonly string[]> {
    throw new Error('owned: to come')
  }

  /** As the store's. */
  all(): Promise<readonly OwnerHeartbeat[]> {
    throw new Error('all: to come')
  }
}
