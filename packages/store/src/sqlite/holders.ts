import { IN_MEMORY } from './in-memory.ts'
import { pulse } from './pulse.ts'

/** Who holds a store, and the owners whose beats a thread keeps going. */
export class Holders {
  readonly #path: string
  readonly #left: () => Promise<void>
  readonly #alive = new Set<string>()
  /** How often each owner holds it. */
  readonly #counts = new Map<string, number>()

  /** @param left what is done once nobody holds the store any more. */
  constructor(path: string, left: () => Promise<void>) {
    this.#path = path
    this.#left = left
  }

  /** As the store's `keepAlive`. */
  keepAlive(owner: string, everyMs: number): void {
    if (this.#path === IN_MEMORY || this.#alive.has(owner)) return
    pulse.begin(owner, this.#path, everyMs)
    this.#alive.add(owner)
  }

  /** An owner's event loop goes round. */
  heard(owner: string): void {
    if (this.#alive.has(owner)) pulse.heard(owner)
  }

  /** As the store's `hold`. */
  hold(owner: string): () => Promise<void> {
    this.#counts.set(owner, (this.#counts.get(owner) ?? 0) + 1)
    let ended: Promise<void> | undefined
    return () => (ended ??= this.#letGo(owner))
  }

  /** Lets the thread beat for nobody any more. */
  async end(): Promise<void> {
    await Promise.all([...this.#alive].map((owner) => pulse.end(owner)))
  }

  async #letGo(owner: string): Promise<void> {
    const others = (this.#counts.get(owner) ?? 1) - 1
    if (others > 0) return void this.#counts.set(owner, others)
    this.#counts.delete(owner)
    if (this.#alive.delete(owner)) await pulse.end(owner)
    // What is in memory would be gone.
    if (this.#counts.size === 0 && this.#path !== IN_MEMORY) await this.#left()
  }
}
