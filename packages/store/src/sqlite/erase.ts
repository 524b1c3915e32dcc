import type { Erasure } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { unknownRun } from './errors.ts'
import type { Erased } from './key-file.ts'
import type { Lineages } from './lineages.ts'

interface RunRecord {
  readonly run: number
  readonly id: string
  readonly active: 0 | 1
}

/** What hangs on runs and goes with them, by the column that names the run. */
const OWN = ['entries', 'inbox', 'blob_refs', 'reservations', 'batch_lines', 'run_tags']

/**
 * Erases lineages: what they hold is deleted, and the file is to be scrubbed then. The key and the word that it was erased stand apart from the data and come first: from then on
 * nothing brings it back. What is left undone, by a crash or since the data was restored from a backup, is done when the
 * store is opened.
 */
export class Eraser {
  readonly #db: SqliteDatabase
  readonly #path: string
  readonly #lineages: Lineages

  constructor(db: SqliteDatabase, path: string, lineages: Lineages) {
    this.#db = db
    this.#path = path
    this.#lineages = lineages
  }

  /** As the store's `erase`. */
  erase(lineageId: string, erased: Erased): Erasure {
    const erase = this.#db.transaction((): Erasure => {
      const runs = this.#runsOf(lineageId)
      if (runs.length === 0) throw unknownRun(this.#path, lineageId)
      const active = runs.filter((run) => run.active)
      if (active.length > 0) return { kind: 'active', runIds: active.map(({ id }) => id) }
      this.#clear(lineageId, runs, this.#lineages.destroy(lineageId, erased))
      return { kind: 'erased', runs: runs.length }
    })
    return this.#overwriting(() => erase.immediate())
  }

  /** Erases what was erased apart from this database, and stands in it all the same. */
  finish(): void {
    const erased = this.#lineages.erased()
    const find = this.#db.prepare<[lineage: string, lineage: string], { run: number }>(
      `select run from runs where id = ? and erased_at is null
        union all select run from runs where lineage_id = ? and lineage_id <> id and erased_at is null limit 1`,
    )
    const found = erased.filter(({ lineage }) => find.get(lineage, lineage))
    if (found.length === 0) return
    const finish = this.#db.transaction(() => {
      this.#lineages.soil()
      for (const { lineage, ...by } of found) this.#clear(lineage, this.#runsOf(lineage), by)
    })
    this.#overwriting(() => finish.immediate())
  }

  #runsOf(lineageId: string): readonly RunRecord[] {
    const active = "ended_at is null and status in ('queued', 'running', 'waiting') active"
    return this.#db
      .prepare<[string, string], RunRecord>(
        `select run, id, ${active} from runs where id = ?
          union all select run, id, ${active} from runs where lineage_id = ? and lineage_id <> id order by run`,
      )
      .all(lineageId, lineageId)
  }

  #clear(lineageId: string, runs: readonly RunRecord[], { at, by }: Erased): void {
    const numbers = JSON.stringify(runs.map(({ run }) => run))
    const own = '(select value from json_each(?))'
    const held = this.#db
      .prepare<[string], string>(`select distinct address from blob_refs where run in ${own}`)
      .pluck()
      .all(numbers)
    for (const table of OWN) this.#db.prepare(`delete from ${table} where run in ${own}`).run(numbers)
    this.#db
      .prepare(
        `delete from blobs where address in ${own}
          and not exists (select 1 from blob_refs where blob_refs.address = blobs.address)`,
      )
      .run(JSON.stringify(held))
    this.#db.prepare('delete from secrets where lineage_id = ?').run(lineageId)
    this.#db
      .prepare(
        `update runs set status = iif(ended_at is null, 'cancelled', status), ended_at = coalesce(ended_at, ?),
          epoch = epoch + 1, owner = null, waiting = null, waits = null, wake_at = null, tags = '[]', parent_key = null,
          erased_at = coalesce(erased_at, ?), erased_by = coalesce(erased_by, ?)
          where run in ${own}`,
      )
      .run(at, at, by, numbers)
  }

  /** What is deleted meanwhile is overwritten where it stands: little is left should the scrubbing come late. */
  #overwriting<T>(work: () => T): T {
    this.#db.pragma('secure_delete = on')
    try {
      return work()
    } finally {
      this.#db.pragma('secure_delete = off')
    }
  }
}
