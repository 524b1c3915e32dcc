import type { Clock } from '../contracts/clock.ts'

/** How long runs may keep one turn of the event loop, in milliseconds. */
const TURN_MS = 15

/** Lets the event loop go round while many runs have something to do, so that their commits and what is not theirs come in between. */
export class Pace {
  readonly #clock: Clock
  #begun: number | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits for a turn of the event loop that is not over. */
  async next(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve))
    while (this.isOver())
  }

  /** Whether runs have had enough of this turn. To be asked right before they do something. */
  isOver(): boolean {
    const now = this.#clock.monotonic()
    if (this.#begun !== undefined) return now - this.#begun >= TURN_MS
    this.#begun = now
    setImmediate(() => {
      this.#begun = undefined
    })
    return false
  }
}
