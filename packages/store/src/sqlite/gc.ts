import type { EndedStatus } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'

interface Params {
  readonly before: number
  /** A JSON array. */
  readonly statuses: string
  readonly limit: number
}

const SELECT_ENDED = `
  select run, id from runs as own
  where ended_at < @before and status in (select value from json_each(@statuses))
    and not exists (select 1 from runs as parent where parent.id = own.parent_id and parent.ended_at is null)
  order by run limit @limit`

/** What belongs to one run alone. */
const TABLES = ['entries', 'blob_refs', 'inbox', 'reservations', 'batch_lines', 'runs'] as const

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

  constructor(db: SqliteDatabase) {
    const deletion = new Deletion(db)
    const ended = db.prepare<[Params], { readonly run: number; readonly id: string }>(SELECT_ENDED)
    this.#collect = db.transaction((params: Params) => {
      const rows = ended.all(params)
      for (const { run } of rows) deletion.delete(run)
      return rows.map(({ id }) => id)
    })
  }

  /** As the store's. */
  collect(before: number, statuses: readonly EndedStatus[], limit: number): readonly string[] {
    return this.#collect.immediate({ before, statuses: JSON.stringify(statuses), limit })
  }
}
