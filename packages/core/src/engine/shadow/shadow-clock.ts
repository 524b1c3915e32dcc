// The time of a shadow run: that of the recording, and what asks took beside it. So a model is told the day on which the
// conversation was held, and a backtest that is begun again comes to the same times.
import type { Clock } from '../../contracts/clock.ts'

/** Stands, and is moved on by what happens. Waits are those of the runtime's clock. */
export class ShadowClock implements Clock {
  readonly #clock: Clock
  #now: number

  /** @param at milliseconds since 1970. */
  constructor(clock: Clock, at: number) {
    this.#clock = clock
    this.#now = at
  }

  now(): number {
    return this.#now
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal)
  }

  /** Moves on by whole milliseconds. */
  pass(ms: number): void {
    this.#now += Math.max(0, Math.round(ms))
  }

  /** Moves on to a moment in milliseconds since 1970, unless that is past. */
  moveTo(at: number): void {
    this.#now = Math.max(this.#now, at)
  }
}
