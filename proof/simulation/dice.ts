/** Chance that follows from a seed: the same seed gives the same throws. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /**
   * From 0 (included) to 1 (excluded).
   *
   * @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c for mulberry32, in the public domain.
   */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** True so often. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A number from one (included) to another (excluded). */
  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  /** A whole number from one to another, both included. */
  count(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1))
  }

  /** One of several. */
  pick<T>(from: readonly T[]): T {
    // Within the list, unless it is empty.
    return from[Math.floor(this.next() * from.length)] as T
  }

  /** Dice of their own, which follow from these. */
  fork(): Dice {
    return new Dice(Math.floor(this.next() * 2 ** 32))
  }
}
