import { setTimeout as wait } from 'node:timers/promises'
import type { Clock, Logger } from '../contracts/clock.ts'

/** The longest wait that a timer of the platform can do: beyond it fires at once. */
const LONGEST_MS = 2 ** 31 - 1

/** The machine's time: what `clock` is where nobody gives another. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    try {
      for (let left = ms; left > 0; left -= LONGEST_MS)
        await wait(Math.min(left, LONGEST_MS), undefined, signal && { signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}

/** Warnings and errors to stderr, and nothing else. */
export const quietLog: Logger = {
  info: () => undefined,
  warn: (message) => console.warn(message),
  error: (message) => console.error(message),
}
