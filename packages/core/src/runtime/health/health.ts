// Whether this process does its work, for the probes of whatever runs it.
import type { Engine } from '../../engine/engine.ts'
import { messageOf } from '../../values/errors.ts'
import type { Driver } from '../drive/driver.ts'
import type { WorkerHealth } from '../workers/worker.ts'

/** How long a store may take to answer, and a worker to look for runs, in milliseconds. */
const STORE_MS = 2_000
const LOOK_MS = 120_000

/** How a runtime is. All of it is JSON. */
export interface Health {
  /** Whether it gets on: where it does not, only another process helps. A store that is down is no reason for that. */
  readonly live: boolean
  /** Whether it may be given work: not while it is stopped, its store does not answer, or others may take its runs. */
  readonly ready: boolean
  /** Why it is not ready or live, in whole sentences. */
  readonly problems: readonly string[]
  /** Runs that are driven here, by workers and by others. */
  readonly runs: number
  /** Its workers, those that were stopped among them until the next one works. */
  readonly workers: readonly WorkerHealth[]
}

/** What is looked at. */
export interface HealthParts {
  readonly engine: Pick<Engine, 'store' | 'clock'>
  readonly driver: Pick<Driver, 'closed' | 'driven' | 'lease'>
}

/** Looks how a runtime is. Never throws. See `Runtime.health`. */
export async function healthOf(
  { engine, driver }: HealthParts,
  workers: readonly { readonly health: WorkerHealth }[],
): Promise<Health> {
  const isClosed = driver.closed.aborted
  // Whoever asks a store that was let go of opens it again.
  const store = isClosed ? undefined : await storeProblem(engine)
  const found = workers.map(({ health }) => health)
  const stuck = found.flatMap(({ looksForMs }, index) =>
    looksForMs !== null && looksForMs > LOOK_MS
      ? [`Worker ${index + 1} has been looking for runs for ${Math.floor(looksForMs / 1_000)} s: restart the process.`]
      : [],
  )
  const problems = [
    ...(isClosed ? ['The runtime is closed.'] : []),
    ...(store === undefined ? [] : [store]),
    ...(driver.lease.isShown
      ? []
      : ['This process has not shown for some seconds that it lives: others may take its runs.']),
    ...found.flatMap(workerProblem),
    ...stuck,
  ]
  return { live: stuck.length === 0, ready: problems.length === 0, problems, runs: driver.driven, workers: found }
}

function workerProblem({ state, failed }: WorkerHealth, index: number): readonly string[] {
  if (state !== 'working') return [`Worker ${index + 1} ${state === 'stopping' ? 'is stopping' : 'was stopped'}.`]
  return failed === null ? [] : [`Worker ${index + 1} could not look for runs: ${failed}`]
}

/** Why a store cannot be worked with; undefined where it can. */
async function storeProblem({ store, clock }: HealthParts['engine']): Promise<string | undefined> {
  const enough = new AbortController()
  const late = clock.sleep(STORE_MS, enough.signal).then(
    () => `The store has not answered for ${STORE_MS / 1_000} s.`,
    () => undefined,
  )
  const answer = store.owners().then(
    () => undefined,
    (error: unknown) => `The store fails: ${messageOf(error)}`,
  )
  try {
    return await Promise.race([answer, late])
  } finally {
    enough.abort('answered')
  }
}
