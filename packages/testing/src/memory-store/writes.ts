// What a write is made of, as the memory store takes it.
import type { Beginning, RunWrite } from '@reprise/core'

/** What an effect gives in a store where it must not be asynchronous. */
export function atOnce(write: RunWrite | Promise<RunWrite>): RunWrite {
  if (!(write instanceof Promise)) return write
  write.catch(() => undefined)
  throw new TypeError('An effect on this store must not be asynchronous: store.transacts is "sync".')
}

/** The write that begins a run beside another's. */
export function asWrite({ row, ...begin }: Beginning): RunWrite {
  return { runId: row.id, epoch: row.epoch, create: row, ...begin }
}
