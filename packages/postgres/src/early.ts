import type { EarlyResult, InboxMessage, NewRun } from '@reprise/core'
import { inboxPlace, PLAIN } from '@reprise/format'
import type { Stored } from '@reprise/format'
import { messagesStatement } from './append.ts'
import { Batch } from './batch.ts'
import type { MovedMessage } from './batch.ts'
import type { Database, Queryable } from './database.ts'
import { columnsOf } from './inbox.ts'
import { lockLineages } from './lineage-lock.ts'
import { type Kept, type Lineages, wasErased } from './lineages.ts'
import { checkMessage } from './texts.ts'
import { dropUnusedKeys } from './unused-keys.ts'

/** How many are forgotten at a time. */
const BITE = 1_000

interface EarlyRecord extends Omit<InboxMessage, 'runId' | 'body'> {
  readonly run_id: string
  readonly key_id: string | null
  readonly body: string | null
  readonly sealed: Buffer | null
}

/**
 * Keeps messages for runs that are not there, until they begin. They are encrypted by the key of a lineage of that id, which
 * is that of a run that is begun under it; one that begins in another lineage has them by that one's. Who leaves one locks
 * the id alone, and who begins a run shares it: what is left is there by then, or the run is.
 */
export class Early {
  readonly #db: Database
  readonly #lineages: Lineages

  constructor(db: Database, lineages: Lineages) {
    this.#db = db
    this.#lineages = lineages
  }

  /** As the store's `sendEarly`. */
  async send(message: InboxMessage, limit: number): Promise<EarlyResult> {
    checkMessage(this.#db.name, message)
    const { early, runs } = this.#db.tables
    const { runId, dedupe, kind, at } = message
    // Before the connection is taken that it may have to share. One that is erased later has a run by then.
    const erased = await this.#lineages.erasure(runId)
    if (erased && !(await this.#isThere(runId))) throw wasErased(runId, erased)
    return this.#db.transaction(async (tx) => {
      await lockLineages(tx, runs, [runId], 'alone')
      await this.#lineages.refuseRotated(tx, this.#db.tables)
      const [found] = await tx.query<{ begun: boolean; known: boolean; n: number }>(
        `select exists (select 1 from ${runs} where id = $1) as begun,
          exists (select 1 from ${early} where run_id = $1 and dedupe = $2) as known,
          (select count(*) from ${early} where run_id = $1) as n`,
        [runId, dedupe],
      )
      if (found?.begun) return 'begun'
      if (found?.known) return 'known'
      if ((found?.n ?? 0) >= limit) return 'full'
      const { key, keyId } = this.#lineages.encrypted ? await this.#lineages.key(runId) : { key: PLAIN, keyId: null }
      const stored = key.seal(JSON.stringify(message.body), runId, inboxPlace(dedupe))
      await tx.query(
        `insert into ${early} (run_id, dedupe, kind, at, key_id, body, sealed) values ($1, $2, $3, $4, $5, $6, $7)`,
        [runId, dedupe, kind, at, keyId, ...columnsOf(stored)],
      )
      return 'left'
    })
  }

  async #isThere(runId: string): Promise<boolean> {
    const found = await this.#db.query(`select 1 from ${this.#db.tables.runs} where id = $1`, [runId])
    return found.length > 0
  }

  /** Reads what waits for runs that are to begin, in a transaction that shares their ids; gives it by these. */
  async read(tx: Queryable, ids: readonly string[]): Promise<ReadonlyMap<string, readonly EarlyRecord[]>> {
    if (ids.length === 0) return new Map()
    const found = await tx.query<EarlyRecord>(
      `select run_id, dedupe, kind, at, key_id, body, sealed from ${this.#db.tables.early}
        where run_id = any($1::text[]) order by id`,
      [ids],
    )
    return Map.groupBy(found, (record) => record.run_id)
  }

  /** Makes of what waits for a run the messages that it has once it is begun. */
  async moved(
    { id, lineageId }: Pick<NewRun, 'id' | 'lineageId'>,
    kept: Kept | undefined,
    records: readonly EarlyRecord[],
  ): Promise<readonly MovedMessage[]> {
    if (!kept) return []
    const moved: MovedMessage[] = []
    for (const { dedupe, kind, at, key_id: keyId, body, sealed } of records) {
      let stored: Stored = body ?? sealed ?? ''
      if (id !== lineageId && this.#lineages.encrypted) {
        const before = await this.#lineages.of({ lineageId: id, keyId })
        stored = kept.cipher.seal(before.open(stored, id, inboxPlace(dedupe)), id, inboxPlace(dedupe))
      }
      moved.push({ runId: id, dedupe, kind, at, body: stored })
    }
    return moved
  }

  /** Leaves for a run that has begun in a transaction of the program's what has waited for it. */
  async welcome(tx: Queryable, row: NewRun, kept: Kept): Promise<void> {
    const { tables } = this.#db
    const waiting = (await this.read(tx, [row.id])).get(row.id) ?? []
    if (waiting.length === 0) return
    const batch = new Batch()
    batch.welcome(row.id, await this.moved(row, kept, waiting))
    const { text, values } = messagesStatement(tables, batch)
    await tx.query(text, values)
    await tx.query(`delete from ${tables.early} where run_id = $1::text`, [row.id])
  }

  /** Forgets what was left before a moment, and lets go of the keys of ids that have nothing any more. */
  async forget(before: number): Promise<void> {
    const { early } = this.#db.tables
    for (;;) {
      const gone = await this.#db.query<{ run_id: string; key_id: string | null }>(
        `delete from ${early} where id in (
          select id from ${early} where at < $1 order by at limit ${BITE} for update skip locked
        ) returning run_id, key_id`,
        [before],
      )
      const keys = new Map(gone.flatMap(({ run_id: id, key_id: key }) => (key === null ? [] : [[id, key]])))
      await dropUnusedKeys(this.#db, this.#lineages, keys)
      if (gone.length < BITE) return
    }
  }
}
