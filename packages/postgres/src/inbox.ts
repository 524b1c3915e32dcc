import type { InboxMessage, Secret } from '@reprise/core'
import type { Database } from './database.ts'
import type { Lineages } from './lineages.ts'
import type { Secrets } from './secrets.ts'

/** Keeps messages from outside until their runs have journaled them. */
export class Inbox {
  constructor(_db: Database, _lineages: Lineages, _secrets: Secrets) {
    // to come
  }

  /** As the store's. */
  send(_message: InboxMessage, _secrets: readonly Secret[]): Promise<boolean> {
    throw new Error('send: to come')
  }

  /** As the store's. */
  of(_runId: string): Promise<readonly InboxMessage[]> {
    throw new Error('of: to come')
  }

  /** As the store's. */
  mail(_owner: string): Promise<readonly string[]> {
    throw new Error('mail: to come')
  }
}
