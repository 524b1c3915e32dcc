// Time, and all that happens in it, one thing after the other: no timer and no clock of the machine takes part, and
// what takes the machine's own time (a file that is opened, a module that is loaded) takes none of the world's.
import { Stillness } from '../stillness.ts'
import type { Dice } from './dice.ts'

interface Happening {
  readonly at: number
  run: (() => void) | undefined
}

/** A world of processes that share a time. */
export class World {
  readonly dice: Dice
  /** What happened, a line each: the same for the same seed. */
  readonly trace: string[] = []
  /** Milliseconds since the beginning. */
  now = 0
  /** Sorted by time, the next one last. */
  readonly #coming: Happening[] = []
  readonly #still = new Stillness()
  /** What is to be done between two moments. */
  readonly #aside: (() => Promise<void>)[] = []

  constructor(dice: Dice) {
    this.dice = dice
  }

  /** Lets something happen after a time. */
  after(ms: number, run: () => void): void {
    this.at(this.now + ms, run)
  }

  /**
   * Lets something happen at a time.
   *
   * @returns what takes it back.
   */
  at(time: number, run: () => void): () => void {
    const happening: Happening = { at: time, run }
    let low = 0
    for (let high = this.#coming.length; low < high;) {
      const middle = (low + high) >>> 1
      // What is to happen at the same time happens in the order in which it was said.
      if ((this.#coming[middle] as Happening).at < happening.at) high = middle
      else if ((this.#coming[middle] as Happening).at > happening.at) low = middle + 1
      else high = middle
    }
    this.#coming.splice(low, 0, happening)
    return () => {
      happening.run = undefined
    }
  }

  /** Tells that somebody did something, and may do more before time goes on. */
  sound(): void {
    this.#still.sound()
  }

  /**
   * Has something done that takes the machine's own time, once everybody waits: what it leads to comes in the same
   * order however long it takes.
   */
  aside(work: () => Promise<void>): void {
    this.#aside.push(work)
  }

  /** Lets no time pass, and nobody be taken to wait, until something is done. */
  hold<T>(work: Promise<T>): Promise<T> {
    return this.#still.hold(work)
  }

  /** Has something done aside, and gives what comes of it. */
  apart<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => this.aside(() => work().then(resolve, reject)))
  }

  /** Writes down what happens. */
  note(line: string): void {
    this.#still.sound()
    this.trace.push(`${this.now.toFixed(1)} ${line}`)
  }

  /** Lets happen what comes next, all that comes at the same time, and all that it leads to at once. */
  async step(): Promise<void> {
    let next = this.#coming.pop()
    while (next && !next.run) next = this.#coming.pop()
    if (!next) return
    this.now = next.at
    for (; next?.at === this.now; next = this.#coming.pop()) next.run?.()
    if (next) this.#coming.push(next)
    await this.settle()
  }

  /** Waits until everybody waits for time to go on. */
  async settle(): Promise<void> {
    await this.#still.come()
    for (let work = this.#aside.shift(); work; work = this.#aside.shift()) {
      await work()
      await this.#still.come()
    }
  }
}
