import type { Database, Queryable } from './database.ts'

/** How much one transaction deletes at most of what there may be much of. */
export const BITE = 1_000

/** Parts that were cut out of bodies are large, and go fewer at a time. */
const BLOBS_BITE = 100

/** Deletes what belongs to runs, and the blobs that nobody else uses. Nobody may see the runs as whole by then. */
export class Deletion {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /**
   * Deletes all that some runs have but their rows, a bite at a time. The entries come last, by which it is seen that
   * something is left, and go from the first on: what is left is no journal that is shorter.
   *
   * @param runs their numbers.
   */
  async clear(runs: readonly number[]): Promise<void> {
    for (const run of runs) {
      while ((await this.#db.transaction((tx) => this.#blobs(tx, [run], BLOBS_BITE))) === BLOBS_BITE);
      while ((await this.#some('inbox', 'id', run)) === BITE);
      while ((await this.#some('entries', 'seq', run)) === BITE);
    }
  }

  /** Deletes runs that have little, with all that is theirs. */
  async delete(tx: Queryable, runs: readonly number[]): Promise<void> {
    const { entries, inbox, runs: table } = this.#db.tables
    await this.#blobs(tx, runs, null)
    await Promise.all([
      tx.query(`delete from ${inbox} where run = any($1)`, [runs]),
      tx.query(`delete from ${entries} where run = any($1)`, [runs]),
      tx.query(`delete from ${table} where run = any($1)`, [runs]),
    ])
  }

  /**
   * Lets go of blobs, and deletes those that nobody else uses. They are locked first: whoever begins to use one has either
   * done so by the time that it is looked, or waits, and finds it gone.
   *
   * @returns how many were let go of.
   */
  async #blobs(tx: Queryable, runs: readonly number[], limit: number | null): Promise<number> {
    const { blob_refs: refs, blobs, dead_blobs: dead } = this.#db.tables
    const gone = await tx.query<{ address: string }>(
      `delete from ${refs} where (run, address) in (select run, address from ${refs} where run = any($1) limit $2) returning address`,
      [runs, limit],
    )
    if (gone.length === 0) return 0
    const addresses = [...new Set(gone.map(({ address }) => address))]
    await Promise.all([
      tx.query(`select 1 from ${blobs} where address = any($1) order by address for update`, [addresses]),
      // Those outside are noted, and deleted once this is committed.
      tx.query(
        `with gone as (
          delete from ${blobs} b where address = any($1) and not exists (select 1 from ${refs} r where r.address = b.address)
          returning name
        )
        insert into ${dead} (name) select name from gone where name is not null`,
        [addresses],
      ),
    ])
    return gone.length
  }

  async #some(table: 'inbox' | 'entries', by: string, run: number): Promise<number> {
    const name = this.#db.tables[table]
    const [done] = await this.#db.query<{ deleted: number }>(
      `with gone as (
        delete from ${name} where run = $1 and ${by} in (select ${by} from ${name} where run = $1 order by ${by} limit $2) returning 1
      )
      select count(*) as deleted from gone`,
      [run, BITE],
    )
    return done?.deleted ?? 0
  }
}
