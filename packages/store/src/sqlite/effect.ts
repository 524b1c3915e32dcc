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
