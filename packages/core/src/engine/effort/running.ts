// The calls of `once` tools that run now, in this thread: as long as one does, the world cannot say whether it
// happened, and whoever asked would be told that it did not. run-tool.ts says what runs; session.ts and take-up.ts ask
// before they put a call in doubt, also when another runtime of this process ran it and has lost the run (invariant 8).
import type { Owners } from '../../contracts/owners.ts'
import type { RunRow } from '../../contracts/run.ts'
import { idempotencyKey } from '../../journal/keys.ts'

const REGISTRY = Symbol.for('reprise.running')

/** A run as it is told from those of the same id in other stores, and from one that had its id before. */
export type RunningRun = Pick<RunRow, 'id' | 'createdAt'>

/** By call, the owners that run it: one register for all copies of this package. */
function running(): Map<string, readonly string[]> {
  const shared = globalThis as { [REGISTRY]?: Map<string, readonly string[]> }
  return (shared[REGISTRY] ??= new Map())
}

function placeOf({ id, createdAt }: RunningRun, key: string): string {
  return `${createdAt} ${idempotencyKey(id, key)}`
}

/** Runs a call that is known to be running until it is over, whoever still waits for it. */
export async function asRunning<T>(run: RunningRun, key: string, owner: string, effect: () => Promise<T>): Promise<T> {
  const here = running()
  const place = placeOf(run, key)
  here.set(place, [...(here.get(place) ?? []), owner])
  try {
    return await effect()
  } finally {
    // An attempt that was left behind may run beside the next.
    const owners = here.get(place) ?? []
    const others = owners.toSpliced(owners.indexOf(owner), 1)
    if (others.length > 0) here.set(place, others)
    else here.delete(place)
  }
}

/**
 * The owner that may be running a call still, as far as can be known here; undefined where none is known to.
 *
 * @param owner who had begun it, where that is known.
 */
export function runnerOf(
  owners: Owners,
  run: RunningRun,
  key: string,
  owner: string | null | undefined,
): string | undefined {
  const here = running().get(placeOf(run, key))?.at(-1)
  if (here !== undefined) return here
  return typeof owner === 'string' && owners.livesElsewhere?.(owner) === true ? owner : undefined
}
