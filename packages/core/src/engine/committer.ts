import type { Clock } from '../contracts/clock.ts'
import type { RunWrite, Store, WriteResult } from '../contracts/store.ts'
import { RepriseError } from '../words/errors.ts'

/** How often a commit is tried that a busy or full store refused, and how long the first wait is: it doubles. */
const ATTEMPTS = 6
const BASE_MS = 50

interface Waiting {
  readonly write: RunWrite
  readonly resolve: (result: WriteResult) => void
  readonly reject: (error: unknown) => void
}

/** Gathers the writes of one event-loop turn, of all runs, into one commit (invariant 9). */
export class Committer {
  readonly #store: Store
  readonly #clock: Clock
  #gathered: Waiting[] = []

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Writes what one run has to write.
   *
   * @returns when it is committed, or refused for that run.
   * @throws StoreError when nothing of the commit was written, also after trying again where that may help.
   */
  commit(write: RunWrite): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      if (this.#gathered.push({ write, resolve, reject }) === 1) setImmediate(() => void this.#flush())
    })
  }

  async #flush(): Promise<void> {
    const gathered = this.#gathered
    this.#gathered = []
    try {
      const results = await this.#write(gathered.map(({ write }) => write))
      for (const [index, { resolve, reject }] of gathered.entries()) {
        const result = results[index]
        if (result) resolve(result)
        else reject(new Error(`The store answered ${results.length} writes of ${gathered.length}`))
      }
    } catch (error) {
      for (const { reject } of gathered) reject(error)
    }
  }

  /** A commit that happened although its caller saw an error is known again by the store, and not made twice. */
  async #write(writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#store.commit(writes)
      } catch (error) {
        if (attempt === ATTEMPTS || !RepriseError.is(error) || !error.retryable) throw error
        await this.#clock.sleep(BASE_MS * 2 ** (attempt - 1))
      }
    }
  }
}
