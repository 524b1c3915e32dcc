import type { AuditNote, Erasure } from '@reprise/core'
import { Audit } from './audit.ts'
import type { SqliteDatabase } from './database.ts'
import { BATCH_MS, Deletion } from './deletion.ts'
import { unknownRun } from './errors.ts'
import type { Erased } from './key-file.ts'
import type { Lineages } from './lineages.ts'
import { overwriting } from './overwriting.ts'
import { type Place, Slots } from './slots.ts'

interface RunRecord {
  readonly run: number
  readonly id: string
  readonly active: 0 | 1
  readonly tenant: string | null
  readonly is_erased: 0 | 1
}

/** An erasure that has begun: nothing of the lineage can be read any more. */
interface Begun {
  readonly erasure: Erasure
  /** The numbers of the runs that still have something to be deleted. */
  readonly left: readonly number[]
}

/**
 * Erases lineages: what they hold is deleted, and the file is to be scrubbed then. The key and the word that it was erased
 * stand apart from the data and come first: from then on nothing brings it back. The rows say so with the first transaction,
 * and what the runs hold goes for a moment at a time. What is left undone, by a crash or since the data was restored from a
 * backup, is done when the store is opened.
 */
export class Eraser {
  readonly #db: SqliteDatabase
  readonly #path: string
  readonly #lineages: Lineages
  readonly #deletion: Deletion
  readonly #audit: Audit
  readonly #isErased

  constructor(db: SqliteDatabase, path: string, lineages: Lineages) {
    this.#db = db
    this.#path = path
    this.#lineages = lineages
    this.#deletion = new Deletion(db)
    this.#audit = new Audit(db)
    this.#isErased = db.prepare<[run: number]>('select 1 from runs where run = ? and erased_by is not null')
  }

  /** As the store's `erase`, as far as it comes in a moment: `goOn` does the rest. */
  begin(lineageId: string, erased: Erased, note?: AuditNote): Begun {
    const begin = this.#db.transaction((): Begun => {
      const runs = this.#runsOf(lineageId)
      if (runs.length === 0) throw unknownRun(this.#path, lineageId)
      const active = runs.filter((run) => run.active)
      if (active.length > 0) return { erasure: { kind: 'active', runIds: active.map(({ id }) => id) }, left: [] }
      if (note && runs.some(isStanding)) this.#audit.add(note)
      this.#mark(lineageId, runs, this.#lineages.destroy(lineageId, erased))
      return { erasure: { kind: 'erased', runs: runs.length }, left: this.#clear(runs.map(({ run }) => run)) }
    })
    return overwriting(this.#db, () => begin.immediate())
  }

  /**
   * Deletes what erased runs hold, for a moment.
   *
   * @returns the numbers of the runs that still have something to be deleted.
   */
  goOn(runs: readonly number[]): readonly number[] {
    const goOn = this.#db.transaction(() => {
      const left = this.#clear(runs)
      // The files may have been found clean of it while there was more to come.
      if (left.length === 0) this.#lineages.soil()
      return left
    })
    return overwriting(this.#db, () => goOn.immediate())
  }

  /**
   * Begins to erase what was erased apart from this database, and stands in it all the same.
   *
   * @returns the numbers of the runs that still have something to be deleted: `goOn` does the rest.
   */
  finish(): readonly number[] {
    const erased = this.#lineages.erased()
    const isLeft = '(erased_by is null or exists (select 1 from entries where entries.run = runs.run))'
    const find = this.#db.prepare<[lineage: string, lineage: string], { run: number }>(
      `select run from runs where id = ? and ${isLeft}
        union all select run from runs where lineage_id = ? and lineage_id <> id and ${isLeft} limit 1`,
    )
    const found = erased.filter(({ lineage }) => find.get(lineage, lineage))
    if (found.length === 0) return []
    const finish = this.#db.transaction(() => {
      this.#lineages.soil()
      const runs = found.flatMap(({ lineage, ...by }) => {
        const own = this.#runsOf(lineage)
        const [first] = own.filter(isStanding)
        if (first) this.#audit.add(noteOf(lineage, by, first.tenant))
        this.#mark(lineage, own, by)
        return own.map(({ run }) => run)
      })
      return this.#clear(runs)
    })
    return overwriting(this.#db, () => finish.immediate())
  }

  #runsOf(lineageId: string): readonly RunRecord[] {
    const active = "ended_at is null and status in ('queued', 'running', 'waiting') active"
    const columns = `run, id, ${active}, tenant, erased_by is not null is_erased`
    return this.#db
      .prepare<[string, string], RunRecord>(
        `select ${columns} from runs where id = ?
          union all select ${columns} from runs where lineage_id = ? and lineage_id <> id order by run`,
      )
      .all(lineageId, lineageId)
  }

  /** Says of runs that they were erased, and takes what is not deleted for a moment at a time. */
  #mark(lineageId: string, runs: readonly RunRecord[], { at, by }: Erased): void {
    const numbers = JSON.stringify(runs.map(({ run }) => run))
    for (const { run } of runs) this.#deletion.clearFew(run)
    this.#db.prepare('delete from secrets where lineage_id = ?').run(lineageId)
    // In a database of before some of them may not have ended, and have a slot that others wait for.
    const places = this.#db
      .prepare<[string], Place>(
        `select concurrency_key as key, concurrency_limit as "limit", tenant from runs
          where run in (select value from json_each(?)) and concurrency_key is not null and ended_at is null`,
      )
      .all(numbers)
    this.#db
      .prepare(
        `update runs set status = iif(ended_at is null, 'cancelled', status), ended_at = coalesce(ended_at, ?),
          epoch = epoch + 1, owner = null, waiting = null, waits = null, wake_at = null, tags = '[]', parent_key = null,
          user_id = null, concurrency_key = null, concurrency_limit = null,
          erased_at = iif(erased_by is null, ?, erased_at), erased_by = coalesce(erased_by, ?)
          where run in (select value from json_each(?))`,
      )
      .run(at, at, by, numbers)
    if (places.length > 0) new Slots(this.#db).level(places)
  }

  /** By the time that it comes to a run, that may be deleted, and its number another's. */
  #clear(runs: readonly number[]): readonly number[] {
    const until = performance.now() + BATCH_MS
    let done = 0
    for (const run of runs) {
      if (done > 0 && performance.now() >= until) break
      if (this.#isErased.get(run) && !this.#deletion.clear(run, until)) break
      done++
    }
    return runs.slice(done)
  }
}

/** Whether a run does not say yet that it was erased. */
function isStanding({ is_erased }: RunRecord): boolean {
  return is_erased === 0
}

/** What is kept of an erasure whose own note did not come to be, or is gone with what was written since a backup. */
function noteOf(lineageId: string, { at, by }: Erased, tenant: string | null): AuditNote {
  const author = { id: by, source: 'unknown' }
  return { at, action: 'erased', by: author, runId: lineageId, lineageId, tenant, what: null }
}
