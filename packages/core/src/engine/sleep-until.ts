import type { Clock } from '../contracts/clock.ts'

/** Waits until a moment in milliseconds since 1970; null and the past are now. */
export async function sleepUntil(clock: Clock, at: number | null, signal: AbortSignal): Promise<void> {
  const ms = at === null ? 0 : at - clock.now()
  if (ms > 0) await clock.sleep(ms, signal)
}
