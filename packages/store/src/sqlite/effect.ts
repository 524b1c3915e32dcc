import { DefinitionError } from '@reprise/core'
import type { RunWrite } from '@reprise/core'

/** Carries what an effect threw past the store's own errors. */
export class EffectThrew {
  readonly thrown: unknown

  constructor(thrown: unknown) {
    this.thrown = thrown
  }
}

/** What an effect gives here, where a transaction ends with the call that began it. */
export function atOnce(write: RunWrite | Promise<RunWrite>): RunWrite {
  if (!(write instanceof Promise)) return write
  write.catch(() => undefined)
  throw new TypeError('An effect on this store must not be asynchronous: store.transacts is "sync".')
}

/**
 * What the work of a transaction gave.
 *
 * @throws DefinitionError with code `tx_async` where it is a promise, or is awaited like one: what waits comes too late.
 */
export function notPromised<T>(given: T): T {
  const isObject = (typeof given === 'object' && given !== null) || typeof given === 'function'
  if (!isObject || !('then' in given) || typeof given.then !== 'function') return given
  if (given instanceof Promise) given.catch(() => undefined)
  throw new DefinitionError({
    code: 'tx_async',
    message: `The work of a transaction returned a promise, and a transaction of SQLite ends when its work returns: what it had done by then was rolled back. Let the work be no async function, await before it, and return what it wrote; what it asks of a runtime with { tx } need not be awaited.`,
  })
}
