// Keeps many runs that are aborted at one moment from holding the event loop. in-flight.ts asks for a turn before it
// aborts what is under way; one for each runtime.

/** How many go on in one turn of the event loop. */
const MOST = 100

/** Lets a few go on in each turn of the event loop, in the order in which they came: what many want to do at one moment. */
export class Few {
  readonly #waiting: (() => void)[] = []
  #left = MOST
  #isArmed = false

  /** Waits for its turn; undefined where it has come. */
  turn(): Promise<void> | undefined {
    this.#arm()
    if (this.#left > 0) {
      this.#left--
      return undefined
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #arm(): void {
    if (this.#isArmed) return
    this.#isArmed = true
    setImmediate(() => {
      this.#isArmed = false
      const some = this.#waiting.splice(0, MOST)
      this.#left = MOST - some.length
      if (some.length > 0) this.#arm()
      for (const resolve of some) resolve()
    })
  }
}
