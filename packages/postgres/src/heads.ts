import type { Digest } from '@reprise/core'
import type { Cipher } from '@reprise/format'

/** Where a run's journal ends. */
export interface Head {
  readonly epoch: number
  /** The seq of the next entry. */
  readonly next: number
  /** The hash of the last entry. */
  readonly hash: Digest
  /** When the run began, in milliseconds since 1970: another one of its id began later. */
  readonly createdAt: number
  readonly lineageId: string
  /** Whether the run is of a concurrency key. */
  readonly isLined: boolean
  /** How its lineage is kept. */
  readonly cipher: Cipher
}

/** How many heads are kept at most: of runs that others have taken over, nobody says so. */
const MAX_HEADS = 20_000

/** Of how many runs it is known at most how far they were written for certain. */
const MAX_ACKNOWLEDGED = 1_000

/**
 * The heads of the runs in flight, so that appending reads nothing. None is trusted: each statement checks the epoch and the
 * hash of the entry before under the run's lock, and what does not hold is read anew. And how far the runs that were written
 * last, in flight or not, were written for certain: a journal that has less is of an earlier moment.
 */
export class Heads {
  readonly #heads = new Map<string, Head>()
  readonly #acknowledged = new Map<string, Head>()
  #isDoubtful = false

  /** Whether a connection broke since it was looked whether the journal has what it has acknowledged. */
  get isDoubtful(): boolean {
    return this.#isDoubtful
  }

  get(runId: string): Head | undefined {
    return this.#heads.get(runId)
  }

  /** Notes where a run's journal ends, once that is committed. */
  set(runId: string, head: Head): void {
    this.#acknowledge(runId, head)
    this.#heads.delete(runId)
    this.#heads.set(runId, head)
    if (this.#heads.size <= MAX_HEADS) return
    for (const oldest of this.#heads.keys()) return void this.#heads.delete(oldest)
  }

  /** Notes where the journal of a run ends that is no longer in flight, once that is committed. */
  leave(runId: string, head: Head): void {
    this.#acknowledge(runId, head)
    this.#heads.delete(runId)
  }

  /** Forgets a run that is no longer in flight, or of which something else is true. */
  drop(runId: string): void {
    this.#heads.delete(runId)
  }

  /** Forgets all that is in flight: a connection broke, and another server may be behind the next one. */
  forget(): void {
    this.#heads.clear()
    this.#isDoubtful = this.#acknowledged.size > 0
  }

  /** How far runs were written for certain, by their ids. From here on that is not doubtful until a connection breaks. */
  doubt(): readonly (readonly [string, Head])[] {
    this.#isDoubtful = false
    return [...this.#acknowledged]
  }

  /** The journal is another one from here on. */
  renounce(): void {
    this.forget()
    this.#acknowledged.clear()
    this.#isDoubtful = false
  }

  #acknowledge(runId: string, head: Head): void {
    this.#acknowledged.delete(runId)
    this.#acknowledged.set(runId, head)
    if (this.#acknowledged.size <= MAX_ACKNOWLEDGED) return
    for (const oldest of this.#acknowledged.keys()) return void this.#acknowledged.delete(oldest)
  }
}
