import type { SqliteDatabase } from './database.ts'

/** How long one transaction deletes before others get their turn, in milliseconds. */
export const BATCH_MS = 8

/** How much is deleted before the time is looked at: a run that has no more goes in one transaction. */
const PAGE = 100

/**
 * What a run may have many of, apart from what it says at length, and by which column they go, the least first. The entries
 * come last, by which it is seen that something is left, and go from the first on: what is left is no journal that is shorter.
 */
const MANY = { inbox: 'dedupe', entries: 'seq' }

/** What else belongs to one run alone. */
const FEW = ['reservations', 'batch_lines', 'run_tags'] as const

/** Deletes what belongs to runs, and the blobs that nobody else uses. To be called inside of a transaction. */
export class Deletion {
  readonly #addresses
  readonly #deleteRef
  readonly #free
  readonly #deleteMany
  readonly #deleteFew
  readonly #deleteRow

  constructor(db: SqliteDatabase) {
    this.#addresses = db
      .prepare<[run: number], string>(`select address from blob_refs where run = ? limit ${PAGE}`)
      .pluck()
    this.#deleteRef = db.prepare<[run: number, address: string]>('delete from blob_refs where run = ? and address = ?')
    this.#free = db.prepare<[address: string]>(
      'delete from blobs where address = ? and not exists (select 1 from blob_refs where address = blobs.address)',
    )
    this.#deleteMany = Object.entries(MANY).map(([table, column]) =>
      db.prepare<[run: number]>(
        `delete from ${table} where id in (select id from ${table} where run = ? order by ${column} limit ${PAGE})`,
      ),
    )
    this.#deleteFew = FEW.map((table) => db.prepare<[run: number]>(`delete from ${table} where run = ?`))
    this.#deleteRow = db.prepare<[run: number]>('delete from runs where run = ?')
  }

  /**
   * Deletes what there may be much of, until the time is over: something in any case. Nobody may see the run as whole by then.
   *
   * @param run the run's number.
   * @param until as `performance.now()` tells the time.
   * @returns whether all of it is gone; it is called again otherwise.
   */
  clear(run: number, until: number): boolean {
    return this.#clearBlobs(run, until) && this.#clearMany(run, until)
  }

  /** Deletes what there is little of. */
  clearFew(run: number): void {
    for (const statement of this.#deleteFew) statement.run(run)
  }

  /** Deletes a run that is cleared: its number may be another's from then on. */
  delete(run: number): void {
    this.clearFew(run)
    this.#deleteRow.run(run)
  }

  #clearBlobs(run: number, until: number): boolean {
    for (;;) {
      const addresses = this.#addresses.all(run)
      for (const [index, address] of addresses.entries()) {
        if (index > 0 && performance.now() >= until) return false
        this.#deleteRef.run(run, address)
        this.#free.run(address)
      }
      if (addresses.length < PAGE) return true
    }
  }

  #clearMany(run: number, until: number): boolean {
    for (const statement of this.#deleteMany)
      while (statement.run(run).changes === PAGE) if (performance.now() >= until) return false
    return true
  }
}
