import { once } from 'node:events'
import { extname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { messageOf } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { IN_MEMORY } from './in-memory.ts'
import type { Lineages } from './lineages.ts'
import { BUSY_TIMEOUT_MS } from './open.ts'
import { keyPath } from './key-file.ts'

/** What the thread is asked: the databases to write anew, one after the other. */
export interface ScrubAsk {
  readonly files: readonly string[]
}

/** The first pause before it is tried again, and the longest, in milliseconds: it doubles. */
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 1_000

/**
 * Lets nothing of what was erased stay in the files. SQLite overwrites what is deleted where it stood last, and not where
 * it stood before its page was split or joined with another: only a database that is written anew has none of it. Its log
 * is emptied then, for which nobody may read it: where somebody does, it is done when that one ends.
 */
export class Scrubber {
  readonly #db: SqliteDatabase
  readonly #path: string
  readonly #lineages: Lineages
  readonly #ended = new AbortController()
  /** What is written anew just then, and what waits for that to begin. */
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  /** Waits for readers to end. */
  #emptying: Promise<void> | undefined

  constructor(db: SqliteDatabase, path: string, lineages: Lineages) {
    this.#db = db
    this.#path = path
    this.#lineages = lineages
  }

  /**
   * Writes everything anew.
   *
   * @returns whether nothing is left; else it goes on by itself until nothing is, or the store is closed.
   */
  async scrub(): Promise<boolean> {
    if (this.#path === IN_MEMORY) return true
    try {
      await this.#rewritten()
    } catch (thrown) {
      this.#goOn(() => this.#rewritten().then(() => this.#empty()))
      process.emitWarning(
        `What was erased from the store at ${this.#path} may still be found in its files: they could not be written anew (${messageOf(thrown)}). It is tried again.`,
        { type: 'RepriseWarning', code: 'store_residue' },
      )
      return false
    }
    if (this.#empty()) return true
    this.#goOn(() => this.#empty())
    return false
  }

  /** Goes on with what another process, or an earlier life of this one, has left undone. */
  begin(): void {
    if (this.#path !== IN_MEMORY && this.#lineages.residue > 0)
      this.#goOn(() => this.#rewritten().then(() => this.#empty()))
  }

  /** Ends what it does by itself; resolves when no thread has the database open. */
  async end(): Promise<void> {
    this.#ended.abort()
    await this.#emptying
    await this.#running?.catch(() => undefined)
  }

  /** Those that ask while it is done share the next time: theirs was not deleted when this one began. */
  #rewritten(): Promise<void> {
    if (!this.#running) return this.#rewrite()
    this.#next ??= this.#running.catch(() => undefined).then(() => this.#rewrite())
    return this.#next
  }

  #rewrite(): Promise<void> {
    this.#next = undefined
    const { residue } = this.#lineages
    const files = [this.#path, ...(this.#lineages.hasFile ? [keyPath(this.#path)] : [])]
    const program = new URL(`./scrub-thread${extname(import.meta.url)}`, import.meta.url)
    const thread = new Worker(program, {
      execArgv: [],
      workerData: { files } satisfies ScrubAsk,
      name: 'reprise-scrub',
    })
    const running = once(thread, 'message').then(() => this.#lineages.scrubbed(residue))
    this.#running = running
    const over = (): void => {
      if (this.#running === running) this.#running = undefined
    }
    running.then(over, over)
    return running
  }

  /** @returns whether nobody read the log: it is empty then. A store that is closed meanwhile leaves none. */
  #empty(): boolean {
    if (!this.#db.open) return false
    this.#db.pragma('busy_timeout = 0')
    try {
      const [{ busy }] = this.#db.pragma('wal_checkpoint(truncate)') as [{ busy: 0 | 1 }] // its one row
      return busy === 0
    } finally {
      this.#db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    }
  }

  #goOn(work: () => boolean | Promise<boolean>): void {
    this.#emptying ??= this.#untilDone(work).finally(() => {
      this.#emptying = undefined
    })
  }

  async #untilDone(work: () => boolean | Promise<boolean>): Promise<void> {
    const { signal } = this.#ended
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        if (await work()) return
      } catch {
        // No room, or somebody else writes: the next time is as good.
      }
      await pause(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
}
