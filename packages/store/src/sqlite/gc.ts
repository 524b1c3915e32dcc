import type { EndedStatus } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import type { Lineages } from './lineages.ts'

interface Params {
  readonly before: number
  /** A JSON array. */
  readonly statuses: string
  readonly limit: number
}

const SELECT_ENDED = `
  select run, id, lineage_id from runs as own
  where ended_at < @before and status in (select value from json_each(@statuses))
    and not exists (select 1 from runs as parent where parent.id = own.parent_id and parent.ended_at is null)
  order by run limit @limit`

/** What belongs to one run alone. */
const TABLES = ['entries', 'blob_refs', 'inbox', 'reservations', 'batch_lines', 'run_tags', 'runs'] as const

/** Deletes runs, and the blobs that nobody else uses. To be called inside of a transaction. */
export class Deletion {
  readonly #addresses
  readonly #deletes
  readonly #free

  constructor(db: SqliteDatabase) {
    this.#addresses = db.prepare<[run: number], string>('select address from blob_refs where run = ?').pluck()
    this.#deletes = TABLES.map((table) => db.prepare<[run: number]>(`delete from ${table} where run = ?`))
    this.#free = db.prepare<[address: string]>(
      'delete from blobs where address = ? and not exists (select 1 from blob_refs where address = blobs.address)',
    )
  }

  /** @param run the run's number. */
  delete(run: number): void {
    const addresses = this.#addresses.all(run)
    for (const statement of this.#deletes) statement.run(run)
    for (const address of addresses) this.#free.run(address)
  }
}

/** Cleans up what has ended: a few runs at a time, so that nobody waits long for their write. */
export class Gc {
  readonly #collect
  readonly #dropKeys

  constructor(db: SqliteDatabase, lineages: Lineages) {
    const deletion = new Deletion(db)
    const ended = db.prepare<[Params], { readonly run: number; readonly id: string; readonly lineage_id: string }>(
      SELECT_ENDED,
    )
    const left = db
      .prepare<[string, string], number>(
        `select 1 from runs where id = ? union all select 1 from runs where lineage_id = ? and lineage_id <> id limit 1`,
      )
      .pluck()
    const deleteSecrets = db.prepare<[string]>('delete from secrets where lineage_id = ?')
    const gone = (lineageIds: readonly string[]): string[] => lineageIds.filter((id) => left.get(id, id) === undefined)
    this.#collect = db.transaction((params: Params) => {
      const rows = ended.all(params)
      for (const { run } of rows) deletion.delete(run)
      const lineageIds = gone([...new Set(rows.map(({ lineage_id }) => lineage_id))])
      for (const id of lineageIds) deleteSecrets.run(id)
      return { ids: rows.map(({ id }) => id), lineageIds }
    })
    // Once it is certain that nothing is left: until then a run of the same id may have begun.
    this.#dropKeys = db.transaction((lineageIds: readonly string[]) => lineages.drop(gone(lineageIds)))
  }

  /** As the store's. */
  collect(before: number, statuses: readonly EndedStatus[], limit: number): readonly string[] {
    const { ids, lineageIds } = this.#collect.immediate({ before, statuses: JSON.stringify(statuses), limit })
    if (lineageIds.length > 0) this.#dropKeys.immediate(lineageIds)
    return ids
  }
}
