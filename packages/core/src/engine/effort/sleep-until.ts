// Waits for a moment by both clocks. in-flight.ts and workflow-efforts.ts call this; that a wait is over is written by
// whoever waited.
import type { Clock } from '../../contracts/clock.ts'

/** How often a wait looks at the clock, which may have jumped, or gone on while the machine slept; in milliseconds. */
const LOOK_MS = 30_000

/**
 * Waits until a moment in milliseconds since 1970, or for as long as it was away when the wait began: whichever is first.
 *
 * @throws the signal's reason when it aborts.
 */
export async function sleepUntil(clock: Clock, at: number, signal: AbortSignal): Promise<void> {
  const end = clock.monotonic() + at - clock.now()
  for (;;) {
    const left = Math.min(at - clock.now(), end - clock.monotonic())
    if (left <= 0) return
    await clock.sleep(Math.min(left, LOOK_MS), signal)
  }
}
