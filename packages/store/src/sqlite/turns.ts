import { setTimeout as pause } from 'node:timers/promises'
import { RepriseError } from '@reprise/core'

/** How long work waits for another process's write before it is given up: as long as a lease, in milliseconds. */
export const PATIENCE_MS = 15_000

/** The first pause between two attempts, and the longest, in milliseconds: it doubles. */
const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 50

/** How long who writes for long leaves the database to others between two writes, in milliseconds. */
const OTHERS_MS = 2

/** Lets others write, in this process and elsewhere: another process looks every now and then whether the database is free. */
export async function othersTurn(): Promise<void> {
  await pause(OTHERS_MS)
}

/** Tells whether something failed only since somebody else holds the database just then: nothing was written. */
export function isBusy(thrown: unknown): boolean {
  if (RepriseError.is(thrown)) return thrown.code === 'store_busy'
  return thrown instanceof Error && 'code' in thrown && /^SQLITE_(BUSY|LOCKED)/.test(String(thrown.code))
}

/**
 * Tries work again, with growing pauses in which the event loop goes round, while somebody else holds the database.
 * SQLite's own waiting would hold the event loop: it is told to wait a moment at most.
 *
 * @param patienceMs how long from now on.
 * @throws what the last attempt threw.
 */
export async function patiently<T>(work: () => T, patienceMs = PATIENCE_MS): Promise<T> {
  const until = performance.now() + patienceMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return work()
    } catch (thrown) {
      if (!isBusy(thrown) || performance.now() >= until) throw thrown
    }
    // Not always the same, or two that wait for each other would always meet.
    await pause(pauseMs * (0.5 + Math.random() / 2))
  }
}

/**
 * Makes one connection's writes in the order in which they came. A write that nobody is in the way of is made at once;
 * one that finds another process writing waits, and those that come after it wait behind it.
 */
export class Turns {
  #last: Promise<void> | undefined

  /**
   * Makes a write when its turn has come.
   *
   * @param work made again where it threw that the database is held by somebody else.
   * @throws what it throws, or, after 15 seconds, that the database is held.
   */
  async take<T>(work: () => T): Promise<T> {
    if (this.#last === undefined) {
      try {
        return work()
      } catch (thrown) {
        if (!isBusy(thrown)) throw thrown
      }
    }
    return this.#wait(work, this.#last)
  }

  async #wait<T>(work: () => T, before: Promise<void> | undefined): Promise<T> {
    const came = performance.now()
    const { promise: over, resolve } = Promise.withResolvers<void>()
    this.#last = over
    try {
      await before
      return await patiently(work, PATIENCE_MS - (performance.now() - came))
    } finally {
      if (this.#last === over) this.#last = undefined
      resolve()
    }
  }
}
