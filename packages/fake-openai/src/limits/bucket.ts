import type { Clock } from '@reprise/core'

const MINUTE_MS = 60_000

/** An allowance a minute, which fills up again steadily. */
export class Bucket {
  readonly limit: number
  readonly #clock: Clock
  #left: number
  #at: number

  constructor(limit: number, clock: Clock) {
    this.limit = limit
    this.#clock = clock
    this.#left = limit
    this.#at = clock.monotonic()
  }

  /** What is left now. */
  get left(): number {
    const now = this.#clock.monotonic()
    this.#left = Math.min(this.limit, this.#left + ((now - this.#at) * this.limit) / MINUTE_MS)
    this.#at = now
    return this.#left
  }

  /** How long until so much is there, in milliseconds. */
  waitMs(amount: number): number {
    // What time brings back comes in fractions: one that is all but whole is whole.
    return Math.max(0, Math.ceil(((amount - this.left) * MINUTE_MS) / this.limit - 1e-6))
  }

  /** How long until all is there, in milliseconds. */
  get resetMs(): number {
    return Math.floor(((this.limit - this.left) * MINUTE_MS) / this.limit + 1e-6)
  }

  take(amount: number): void {
    this.#left = this.left - amount
  }
}
