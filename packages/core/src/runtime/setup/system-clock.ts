import type { Clock, Logger } from '../../contracts/clock.ts'
import { printable } from '../../values/printable.ts'

/** The longest wait that a timer of the platform can do: beyond it fires at once. */
const LONGEST_MS = 2 ** 31 - 1

/**
 * The machine's time: what `clock` is where nobody gives another.
 *
 * @example
 * ```ts
 * import { type Clock, createRuntime, systemClock } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 *
 * // The machine's time, and never two readings alike.
 * let last = 0
 * const clock: Clock = { ...systemClock, now: () => (last = Math.max(last + 1, systemClock.now())) }
 * await using runtime = createRuntime({ store: sqlite('desk.db'), models: openai(), definitions: [], clock })
 * ```
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0; left -= LONGEST_MS) await wait(Math.min(left, LONGEST_MS), signal)
  },
}

/** Most waits end by their signal: Node's own would make an error with a stack for each. */
function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    const stop = (): void => {
      clearTimeout(timer)
      // The reason is whatever the one who aborted gave.
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** Warnings and errors to stderr, and nothing else. Words of models and servers in them order a terminal nothing. */
export const quietLog: Logger = {
  info: () => undefined,
  warn: (message) => console.warn(printable(message)),
  error: (message) => console.error(printable(message)),
}
