import type { Store } from '../../contracts/store.ts'
import type { Within } from '../../contracts/within.ts'
import { badArgument } from '../../define/argument.ts'
import { DefinitionError } from '../../values/errors.ts'
import { follow, type Steps } from '../../values/steps.ts'
import { Inside, type InsideParts } from './inside.ts'

/** What a program leaves in the store: in both ways the same. */
export interface Left<T> {
  readonly alone: () => Promise<T>
  readonly within: (inside: Inside) => Steps<T>
}

/**
 * Leaves something in the store, by itself or within a transaction of the program's: at once where that is synchronous.
 *
 * @returns what came of it. Where it failed within a synchronous transaction, that fails with the error too, and so tells of it:
 * nobody need wait for the promise.
 * @throws what `left` throws; DefinitionError with code `no_tx` or `bad_tx`.
 */
export function leave<T>(parts: InsideParts, tx: object | undefined, left: Left<T>): Promise<T> {
  if (tx === undefined) return left.alone()
  let within: Within | undefined
  try {
    within = withinOf(parts.engine.store, tx)
    return Promise.resolve(follow(left.within(new Inside(parts, within))))
  } catch (error) {
    const failed = Promise.reject<T>(error)
    if (!within?.refuse) return failed
    within.refuse(error)
    failed.catch(() => undefined)
    return failed
  }
}

function withinOf(store: Store, tx: unknown): Within {
  if (!store.within)
    throw new DefinitionError({
      code: 'no_tx',
      message: `A transaction was given as { tx }, and the store of this runtime has no database that programs write to. Leave it away.`,
    })
  // A client of a database may be a function.
  if ((typeof tx === 'object' && tx !== null) || typeof tx === 'function') return store.within(tx)
  throw badArgument('A transaction was given as tx', tx, 'Give it what the store, or the client of its database, gave.')
}
