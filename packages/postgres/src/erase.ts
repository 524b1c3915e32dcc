import type { Erasure } from '@reprise/core'
import type { Database } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Erases lineages. */
export class Eraser {
  constructor(_db: Database, _lineages: Lineages) {
    // to come
  }

  /** As the store's. */
  erase(_lineageId: string, _by: string, _at: number): Promise<Erasure> {
    throw new Error('erase: to come')
  }

  /** As the store's. */
  finish(): Promise<void> {
    throw new Error('finish: to come')
  }
}
