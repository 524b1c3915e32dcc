import type { RunWrite, Store, WriteResult } from '../contracts/store.ts'

interface Waiting {
  readonly write: RunWrite
  readonly resolve: (result: WriteResult) => void
  readonly reject: (error: unknown) => void
}

/** Gathers the writes of one event-loop turn, of all runs, into one commit (invariant 9). */
export class Committer {
  readonly #store: Store
  #gathered: Waiting[] = []

  constructor(store: Store) {
    this.#store = store
  }

  /**
   * Writes what one run has to write.
   *
   * @returns when it is committed, or refused for that run.
   * @throws StoreError when nothing of the commit was written.
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
      const results = await this.#store.commit(gathered.map(({ write }) => write))
      for (const [index, { resolve, reject }] of gathered.entries()) {
        const result = results[index]
        if (result) resolve(result)
        else reject(new Error(`The store answered ${results.length} writes of ${gathered.length}`))
      }
    } catch (error) {
      for (const { reject } of gathered) reject(error)
    }
  }
}
