import type { Clock } from '@reprise/core'

/** A clock that runs as another does, and can be moved on besides. */
export interface MovableClock extends Clock {
  advance(ms: number): void
}

/** Makes a clock that can be moved on from one that runs. */
export function movableClock(base: Clock): MovableClock {
  let ahead = 0
  let moved = new AbortController()
  const monotonic = (): number => base.monotonic() + ahead
  return {
    now: () => base.now() + ahead,
    monotonic,
    async sleep(ms, signal) {
      const due = monotonic() + ms
      while (monotonic() < due) {
        signal?.throwIfAborted()
        const wake = signal ? AbortSignal.any([signal, moved.signal]) : moved.signal
        await base.sleep(due - monotonic(), wake).catch(() => undefined)
      }
    },
    advance(ms) {
      ahead += ms
      moved.abort()
      moved = new AbortController()
    },
  }
}
