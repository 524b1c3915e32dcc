// The calls of `once` tools that run now, in this thread: as long as one does, the world cannot say whether it happened,
// and whoever asked would be told that it did not.
import type { Owners } from '../contracts/owners.ts'

const REGISTRY = Symbol.for('reprise.running')

/** By idempotency key, the owner that runs it: one register for all copies of this package. */
function running(): Map<string, string> {
  const shared = globalThis as { [REGISTRY]?: Map<string, string> }
  return (shared[REGISTRY] ??= new Map())
}

/** Runs a call that is known to be running until it is over, whoever still waits for it. */
export async function asRunning<T>(key: string, owner: string, effect: () => Promise<T>): Promise<T> {
  running().set(key, owner)
  try {
    return await effect()
  } finally {
    running().delete(key)
  }
}

/**
 * The owner that may be running a call still, as far as can be known here; undefined where none is known to.
 *
 * @param key its idempotency key.
 * @param owner who had begun it, where that is known.
 */
export function runnerOf(owners: Owners, key: string, owner: string | null | undefined): string | undefined {
  const here = running().get(key)
  if (here !== undefined) return here
  return typeof owner === 'string' && owners.livesElsewhere?.(owner) === true ? owner : undefined
}
