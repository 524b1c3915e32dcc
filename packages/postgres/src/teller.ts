import { setImmediate } from 'node:timers/promises'
import type { Hint } from '@reprise/core'
import type { Database } from './database.ts'
import { readHint, tellStatement } from './hints.ts'
import type { News } from './hints.ts'

/** Those on the same store: their own writes come to them without a way round. */
export interface Nearby {
  readonly id: string
  readonly owners: readonly string[]
  /** Whether there are several runtimes: whoever leaves mail for a run of its own knows of it, and another does not. */
  readonly areSeveral: boolean
  tell(hint: Hint): void
}

/**
 * Tells of what was committed, apart from the commits and after them: a NOTIFY in each of them would let one at a time be
 * flushed, and take half of their throughput. All of a turn of the event loop, and of the time that the statement before takes,
 * is one statement.
 */
export class Teller {
  readonly #db: Database
  readonly #channel: string
  readonly #nearby: Nearby
  readonly #isHere: (runId: string) => boolean
  readonly #mail = new Set<string>()
  readonly #freed = new Set<string>()
  #isWork = false
  #telling: Promise<void> | undefined

  /** @param isHere whether a run is one of those on the same store, as far as is known. */
  constructor(db: Database, channel: string, nearby: Nearby, isHere: (runId: string) => boolean) {
    this.#isHere = isHere
    this.#db = db
    this.#channel = channel
    this.#nearby = nearby
  }

  /** Tells of something. Nobody waits for it, and where it fails nobody hears of it: looks go on. */
  tell({ isWork, mail, freed }: News): void {
    if (isWork) this.#nearby.tell({ kind: 'work' })
    if (this.#nearby.areSeveral) for (const runId of mail) this.#nearby.tell({ kind: 'mail', runId })
    this.#isWork ||= isWork
    for (const runId of mail) if (!this.#isHere(runId)) this.#mail.add(runId)
    for (const runId of freed) this.#freed.add(runId)
    if (this.#isUntold) this.#telling ??= this.#tell()
  }

  /** Resolves when all is told. */
  async settled(): Promise<void> {
    await this.#telling
  }

  get #isUntold(): boolean {
    return this.#isWork || this.#mail.size + this.#freed.size > 0
  }

  async #tell(): Promise<void> {
    while (this.#isUntold) {
      await setImmediate()
      const news = { isWork: this.#isWork, mail: [...this.#mail], freed: [...this.#freed] }
      this.#isWork = false
      this.#mail.clear()
      this.#freed.clear()
      const { id: by, owners: except } = this.#nearby
      const { text, values } = tellStatement(this.#db.tables, { ...news, channel: this.#channel, by, except })
      const hints = await this.#db.query<{ hint: string }>(text, values).catch(() => [])
      // Whether somebody waits for a place that has become free, the statement knows first.
      const isWorkHere = news.freed.length > 0 && hints.some(({ hint }) => readHint(hint)?.kind === 'work')
      if (isWorkHere) this.#nearby.tell({ kind: 'work' })
    }
    this.#telling = undefined
  }
}
