import type { Digest } from '@reprise/core'
import type { Cipher } from '@reprise/format'

/** Where a run's journal ends. */
export interface Head {
  readonly epoch: number
  /** The seq of the next entry. */
  readonly next: number
  /** The hash of the last entry. */
  readonly hash: Digest
  readonly lineageId: string
  /** Whether the run is of a concurrency key. */
  readonly isLined: boolean
  /** How its lineage is kept. */
  readonly cipher: Cipher
}

/** How many heads are kept at most: of runs that others have taken over, nobody says so. */
const MAX_HEADS = 20_000

/**
 * The heads of the runs in flight, so that appending reads nothing. None is trusted: each statement checks the epoch and the
 * hash of the entry before under the run's lock, and what does not hold is read anew.
 */
export class Heads {
  readonly #heads = new Map<string, Head>()

  get(runId: string): Head | undefined {
    return this.#heads.get(runId)
  }

  /** Notes where a run's journal ends, once that is committed. */
  set(runId: string, head: Head): void {
    this.#heads.delete(runId)
    this.#heads.set(runId, head)
    if (this.#heads.size <= MAX_HEADS) return
    for (const oldest of this.#heads.keys()) return void this.#heads.delete(oldest)
  }

  /** Forgets a run that is no longer in flight, or of which something else is true. */
  drop(runId: string): void {
    this.#heads.delete(runId)
  }

  /** Forgets everything: a connection broke, and another server may be behind the next one. */
  forget(): void {
    this.#heads.clear()
  }
}
