import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@reprise/core'

/** A clock that stands until it is moved. */
export interface ManualClock extends Clock {
  /**
   * Moves the time on. Each sleep that falls due ends at its own moment, in order, and what it sets going runs before
   * the time moves further: a sleep that begins meanwhile and falls due as well ends too.
   */
  advance(ms: number): Promise<void>
  /** How many sleep. */
  readonly pending: number
  /** When the next sleep ends, as `now` counts; undefined when none is pending. */
  readonly nextWake: number | undefined
}

interface Sleeper {
  readonly due: number
  readonly wake: () => void
}

/**
 * Makes a clock for tests that begins at `now`, in milliseconds since 1970, and moves by `advance` alone.
 *
 * @example
 * ```ts
 * import { manualClock } from '@reprise/testing'
 *
 * const clock = manualClock({ now: Date.UTC(2026, 0, 1) })
 * const woken = clock.sleep(3_600_000).then(() => new Date(clock.now()))
 * await clock.advance(86_400_000)
 * console.log((await woken).toISOString()) // 2026-01-01T01:00:00.000Z
 * ```
 */
export function manualClock(options: { readonly now?: number } = {}): ManualClock {
  const given: unknown = options
  if (typeof given !== 'object' || given === null)
    throw new TypeError(`manualClock takes { now }, or nothing, and was given ${String(given)}.`)
  const { now: begin = 0 } = options
  checkTime('manualClock({ now })', begin)
  let now = begin
  const sleepers: Sleeper[] = []
  return {
    now: () => now,
    monotonic: () => now - begin,
    async sleep(ms, signal) {
      signal?.throwIfAborted()
      if (ms <= 0) return
      await asleep(sleepers, now + ms, signal)
    },
    async advance(ms) {
      checkTime('advance(ms)', ms)
      const until = now + ms
      await setImmediate()
      for (let next = sleepers[0]; next && next.due <= until; next = sleepers[0]) {
        sleepers.shift()
        now = next.due
        next.wake()
        await setImmediate()
      }
      now = until
    },
    get pending() {
      return sleepers.length
    },
    get nextWake() {
      return sleepers[0]?.due
    },
  }
}

/** Sleeps among others, which stand in the order in which they are due. */
function asleep(sleepers: Sleeper[], due: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const sleeper = { due, wake }
    function wake(): void {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    function abort(): void {
      sleepers.splice(sleepers.indexOf(sleeper), 1)
      // The reason is whatever the one who aborted gave.
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', abort, { once: true })
    const at = sleepers.findIndex((other) => other.due > due)
    sleepers.splice(at === -1 ? sleepers.length : at, 0, sleeper)
  })
}

/** A clock that stands at NaN would never wake anybody. */
function checkTime(what: string, ms: number): void {
  if (!Number.isFinite(ms)) throw new TypeError(`${what} takes a number of milliseconds, and was given ${String(ms)}.`)
}
