// Where the writes of all runs of one runtime meet on their way to the store. journal-writer.ts calls this, as
// runtime/drive/lease.ts and runtime/workers/worker.ts do for rows alone; this calls `store.commit`. It keeps invariant 9, and its
// half of 8: a failure that may be one write's own is tried again for each write alone.
import type { Clock } from '../../contracts/clock.ts'
import type { Store } from '../../contracts/store.ts'
import type { RunWrite, WriteResult } from '../../contracts/write.ts'
import { RepriseError } from '../../values/errors.ts'
import { retrying } from './retrying.ts'

interface Waiting {
  readonly write: RunWrite
  readonly resolve: (result: WriteResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers the writes of one event-loop turn, of all runs, into one commit (invariant 9). What comes while as many commits
 * are under way as the store takes is gathered for the next. Writes of one run are never in two commits at a time, and keep
 * their order.
 */
export class Committer {
  readonly #store: Store
  readonly #clock: Clock
  #gathered: Waiting[] = []
  #isDue = false
  /** How many commits are under way, and the runs that they write. */
  #commits = 0
  readonly #writing = new Set<string>()

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
      this.#gathered.push({ write, resolve, reject })
      this.#flushSoon()
    })
  }

  #flushSoon(): void {
    const { commitsAtOnce = 1 } = this.#store
    if (this.#isDue || this.#gathered.length === 0 || this.#commits >= commitsAtOnce) return
    this.#isDue = true
    setImmediate(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    this.#isDue = false
    const isFree = ({ write }: Waiting): boolean => !this.#writing.has(write.runId)
    const gathered = this.#gathered.filter(isFree)
    if (gathered.length === 0) return
    this.#gathered = gathered.length === this.#gathered.length ? [] : this.#gathered.filter((other) => !isFree(other))
    this.#commits++
    for (const { write } of gathered) this.#writing.add(write.runId)
    await this.#commit(gathered)
    this.#commits--
    for (const { write } of gathered) this.#writing.delete(write.runId)
    this.#flushSoon()
  }

  async #commit(gathered: readonly Waiting[]): Promise<void> {
    try {
      const writes = gathered.map(({ write }) => write)
      // A commit that happened although its caller saw an error is known again by the store, and not made twice.
      const results = await retrying(this.#clock, () => this.#store.commit(writes))
      for (const [index, { resolve, reject }] of gathered.entries()) {
        const result = results[index]
        if (result) resolve(result)
        else reject(new Error(`The store answered ${results.length} writes of ${gathered.length}`))
      }
    } catch (error) {
      if (gathered.length > 1 && isOneWrites(error)) for (const alone of gathered) await this.#commit([alone])
      else for (const { reject } of gathered) reject(error)
    }
  }
}

/** A store that is busy or full is so for all; what cannot be written may be the fault of one run, which bears it alone. */
function isOneWrites(error: unknown): boolean {
  return !RepriseError.is(error) || !error.retryable
}
