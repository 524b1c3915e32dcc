import type { CallContext } from '@reprise/core'
import type { Asker } from '../shop/keys.ts'
import type { Shop } from '../shop/open.ts'
import type { DeskBook } from './book.ts'
import type { Outbox } from './outbox.ts'

/** What the tools reach: made once for a process, never journaled. */
export interface Services {
  readonly shop: Shop
  readonly book: DeskBook
  readonly outbox: Outbox
}

/** Whose ticket it is: journaled with the run, out of the model's reach. */
export interface Ticketed {
  readonly customerId: string
}

/** What each tool of the desk is given beside its arguments. */
export type DeskCall = CallContext<Ticketed, Services>

/** The one who asks the shop for something by a call: the same for every attempt of it. */
export function askerOf({ context, runId, idempotencyKey }: DeskCall): Asker {
  return { customerId: context.customerId, ticket: runId, key: idempotencyKey }
}
