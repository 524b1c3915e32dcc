import type { AuditNote, Erasure, ErasureWord } from '@reprise/core'
import { insertNotes, noteRecords } from './audit.ts'
import type { Database, Queryable } from './database.ts'
import { Deletion } from './deletion.ts'
import { unknownRun } from './errors.ts'
import { lockLineages } from './lineage-lock.ts'
import type { Lineages } from './lineages.ts'
import { Lines } from './lines.ts'
import { checkNotes } from './texts.ts'
import { Vacuum } from './vacuum.ts'
import type { Erased } from './vault.ts'

/** How many erased lineages are looked for at a time. */
const PAGE = 1_000

interface Found {
  readonly run: number
  readonly id: string
  readonly is_active: boolean
  readonly is_erased: boolean
  readonly line: string | null
  readonly tenant: string | null
}

/**
 * Erases lineages. First the rows say so, in one transaction: from then on nobody reads, writes or begins anything there.
 * Then the key goes, and the word that it was erased stands where no backup of the journal brings it back; then what the runs hold
 * goes, a bite at a time, and Postgres is asked to take away what it keeps of deleted rows. What is left undone, by a crash or
 * since the journal was restored, is done when a store is opened.
 */
export class Eraser {
  readonly #db: Database
  readonly #lineages: Lineages
  readonly #deletion: Deletion
  readonly #lines: Lines
  readonly #vacuum: Vacuum

  constructor(db: Database, lineages: Lineages) {
    this.#db = db
    this.#lineages = lineages
    this.#deletion = new Deletion(db)
    this.#lines = new Lines(db)
    this.#vacuum = new Vacuum(db)
  }

  /** As the store's. */
  async erase(lineageId: string, by: string, at: number, note?: AuditNote): Promise<Erasure> {
    if (note) checkNotes(this.#db.name, [note])
    const found = await this.#mark(lineageId, { by, at }, note)
    if (found.length === 0) throw unknownRun(this.#db.name, lineageId)
    const active = found.filter((run) => run.is_active)
    if (active.length > 0) return { kind: 'active', runIds: active.map(({ id }) => id) }
    const isGone = await this.#complete(lineageId, { by, at })
    return { kind: 'erased', runs: found.length, ...(!isGone && { pending: true as const }) }
  }

  /** As the store's `noteErased`. */
  async note(words: readonly ErasureWord[]): Promise<void> {
    for (const { lineageId, ...erased } of words) await this.#lineages.destroy(lineageId, erased)
  }

  /** Finishes what was begun, and erases what was erased apart from this journal and stands in it all the same. */
  async finish(): Promise<void> {
    const { erasing, runs } = this.#db.tables
    const begun = await this.#db.query<Erased & { lineage: string }>(`select lineage, at, by from ${erasing}`)
    for (const { lineage, ...erased } of begun) await this.#complete(lineage, erased)
    const erased = await this.#lineages.erased()
    for (let from = 0; from < erased.length; from += PAGE) {
      const page = erased.slice(from, from + PAGE)
      const standing = await this.#db.query<{ lineage: string }>(
        `select lineage from unnest($1::text[]) old (lineage)
          where exists (select 1 from ${runs} r where r.id = old.lineage and r.erased_by is null)
            or exists (select 1 from ${runs} r where r.lineage_id = old.lineage and r.lineage_id <> r.id and r.erased_by is null)`,
        [page.map(({ lineage }) => lineage)],
      )
      const left = new Set(standing.map(({ lineage }) => lineage))
      for (const { lineage, ...by } of page) {
        if (!left.has(lineage)) continue
        await this.#mark(lineage, by, 'restored')
        await this.#complete(lineage, by)
      }
    }
  }

  /**
   * Says of the runs of a lineage that they were erased, unless one goes on; gives them.
   *
   * @param told what is noted of it, where one of them does not say so yet; `restored` where they had been erased before the
   * journal was restored: then it is done even where one goes on, and noted by who it was.
   */
  #mark(lineageId: string, erased: Erased, told: AuditNote | 'restored' | undefined): Promise<readonly Found[]> {
    const isRestored = told === 'restored'
    const { runs, erasing, line_changes: changes, secrets, secret_counts: counts } = this.#db.tables
    return this.#db.transaction(async (tx) => {
      await lockLineages(tx, runs, [lineageId], 'alone')
      const found = await this.#runsOf(tx, lineageId)
      if (found.length === 0 || (!isRestored && found.some((run) => run.is_active))) return found
      const standing = found.find((run) => !run.is_erased)
      const note = isRestored ? standing && noteOf(lineageId, erased, standing.tenant) : standing && told
      const lines = [...new Set(found.flatMap(({ line }) => line ?? []))]
      await Promise.all([
        ...(note ? [tx.query(insertNotes(this.#db.tables, '$1'), [noteRecords([{ note }])])] : []),
        tx.query(
          `update ${runs} set status = case when ended_at is null then 'cancelled' else status end,
            ended_at = coalesce(ended_at, $2), epoch = epoch + 1, owner = null, waiting = null, waiting_kind = null, waits = null,
            wake_at = null, tags = '{}', parent_key = null, user_id = null, concurrency_key = null, concurrency_limit = null, line = null,
            erased_at = $2, erased_by = $3
            where run = any($1) and erased_by is null`,
          [found.map(({ run }) => run), erased.at, erased.by],
        ),
        // Their lines go on without them, and are forgotten where there are no others.
        tx.query(`insert into ${changes} (line) select unnest($1::text[])`, [lines]),
        tx.query(`delete from ${secrets} where lineage_id = $1`, [lineageId]),
        tx.query(`delete from ${counts} where lineage_id = $1`, [lineageId]),
        tx.query(`insert into ${erasing} (lineage, at, by) values ($1, $2, $3) on conflict do nothing`, [
          lineageId,
          erased.at,
          erased.by,
        ]),
      ])
      return found
    })
  }

  /** Does the rest for a lineage whose runs say that it was erased; false where Postgres may still keep something of it. */
  async #complete(lineageId: string, erased: Erased): Promise<boolean> {
    const { runs, erasing } = this.#db.tables
    const first = await this.#lineages.destroy(lineageId, erased)
    const found = await this.#runsOf(this.#db, lineageId)
    const numbers = found.map(({ run }) => run)
    if (first.at !== erased.at || first.by !== erased.by)
      await this.#db.query(
        `update ${runs} set erased_at = $2, erased_by = $3 where run = any($1) and erased_at = $4 and erased_by = $5`,
        [numbers, first.at, first.by, erased.at, erased.by],
      )
    await this.#lines.settle()
    await this.#deletion.clear(numbers)
    await this.#db.query(`delete from ${erasing} where lineage = $1`, [lineageId])
    return this.#vacuum.clean()
  }

  /** Inside of a transaction they are locked to its end: messages that are being left are there by then. */
  async #runsOf(from: Queryable, lineageId: string): Promise<readonly Found[]> {
    const { runs } = this.#db.tables
    return from.query<Found>(
      `select run, id, ended_at is null and status in ('queued', 'running', 'waiting') as is_active,
          erased_by is not null as is_erased, tenant, line
        from ${runs}
        where run in (
          select run from ${runs} where id = $1 union all select run from ${runs} where lineage_id = $1 and lineage_id <> id
        )
        order by run for update`,
      [lineageId],
    )
  }
}

/** What is kept of an erasure whose own note is gone with what was written since a backup. */
function noteOf(lineageId: string, { at, by }: Erased, tenant: string | null): AuditNote {
  const author = { id: by, source: 'unknown' }
  return { at, action: 'erased', by: author, runId: lineageId, lineageId, tenant, what: null }
}
