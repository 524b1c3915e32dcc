// Lets the event loop go round while many runs have something to do. The sessions ask before each round of their loop,
// and runtime/start/starter.ts before it begins a run; one for each runtime. So writes of many runs are gathered in a turn
// (invariant 9), and timers, heartbeats and other code come in between.
import type { Clock } from '../contracts/clock.ts'

/** How long runs may keep one turn of the event loop, in milliseconds. */
const TURN_MS = 15

/** How many of those that wait are let try beyond twice as many as went on in the turn before. */
const MORE = 16

/** Lets the event loop go round while many runs have something to do, so that their commits and what is not theirs come in between. */
export class TurnLimiter {
  readonly #clock: Clock
  #begun: number | undefined
  /** Those that wait for a turn, the first that came first; before them those that came too late for the last one. */
  readonly #waiting: (() => void)[] = []
  readonly #late: (() => void)[] = []
  #isWaking = false
  /** How many went on in this turn. */
  #went = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Waits for a turn of the event loop that is not over. */
  async next(): Promise<void> {
    await this.#turn(this.#waiting)
    while (this.isOver()) await this.#turn(this.#late)
    this.#went++
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

  #turn(queue: (() => void)[]): Promise<void> {
    return new Promise((resolve) => {
      queue.push(resolve)
      if (this.#isWaking) return
      this.#isWaking = true
      setImmediate(() => this.#wake())
    })
  }

  /**
   * Lets some of those that wait try in the next turn, each after the one before has done what it was to do. If all of them
   * did, however many there are, they would look at the clock as often as there are turns.
   */
  #wake(): void {
    const most = 2 * this.#went + MORE
    const some = this.#late.splice(0, most)
    some.push(...this.#waiting.splice(0, most - some.length))
    this.#went = 0
    for (const resolve of some) setImmediate(resolve)
    this.#isWaking = some.length > 0
    if (this.#isWaking) setImmediate(() => this.#wake())
  }
}
