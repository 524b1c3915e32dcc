/**
 * A map that forgets what was not used for long: as much as fits into its size stays, and up to twice that.
 * It has two halves. What is used moves to the younger one; when that is full, the older one is dropped whole.
 */
export class RecentMap<Key, Value> {
  readonly #size: number
  readonly #weigh: (key: Key, value: Value) => number
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()
  #held = 0

  /**
   * @param size in the unit of `weigh`.
   * @param weigh what an entry takes. @default one each
   */
  constructor(size: number, weigh: (key: Key, value: Value) => number = () => 1) {
    this.#size = size
    this.#weigh = weigh
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: Key, value: Value): void {
    if (this.#held >= this.#size) {
      this.#old = this.#young
      this.#young = new Map()
      this.#held = 0
    }
    if (!this.#young.has(key)) this.#held += this.#weigh(key, value)
    this.#young.set(key, value)
  }
}
