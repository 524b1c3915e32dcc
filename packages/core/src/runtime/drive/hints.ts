// What the store tells as it happens: that a run which is driven here has mail, and that there may be runs to take. A hint
// saves the time until the next look and nothing else: looks go on as if there were none (lease.ts, workers/worker.ts).
import type { Hint } from '../../contracts/store.ts'
import type { Engine } from '../../engine/engine.ts'
import { messageOf } from '../../values/errors.ts'

/** Hears what a store tells, from the first run that is driven here, or the first worker, until the runtime is closed. */
export class Hints {
  readonly #engine: Pick<Engine, 'store' | 'owner' | 'log'>
  readonly #notify: (runId: string) => unknown
  readonly #wakes = new Set<() => void>()
  #end: (() => Promise<void>) | undefined
  #isOver = false

  /** @param notify tells a run that is driven here that it has mail. */
  constructor(engine: Pick<Engine, 'store' | 'owner' | 'log'>, notify: (runId: string) => unknown) {
    this.#engine = engine
    this.#notify = notify
  }

  /** Listens, where the store tells anything. */
  begin(): void {
    if (this.#end || this.#isOver) return
    const { store, owner } = this.#engine
    this.#end = store.listen?.(owner, (hint) => this.#hear(hint)) ?? (async () => undefined)
  }

  /**
   * Has somebody woken when there may be runs to take.
   *
   * @returns what ends that.
   */
  wakes(wake: () => void): () => void {
    this.begin()
    this.#wakes.add(wake)
    return () => void this.#wakes.delete(wake)
  }

  /** Listens no more. Never throws: a failure is logged. */
  async close(): Promise<void> {
    this.#isOver = true
    try {
      await this.#end?.()
    } catch (error) {
      this.#engine.log.warn(`The store could not be told that nobody listens any more: ${messageOf(error)}`)
    }
  }

  #hear(hint: Hint): void {
    if (this.#isOver) return
    if (hint.kind === 'mail') this.#notify(hint.runId)
    else for (const wake of this.#wakes) wake()
  }
}
