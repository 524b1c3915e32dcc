import type { LineageSecrets, Secret } from '@reprise/core'
import { SECRETS } from '@reprise/format'
import type { Cipher } from '@reprise/format'
import type { LineageKey } from '@reprise/format/keys'
import type { Database, Queryable } from './database.ts'
import type { Lineages } from './lineages.ts'

/** Keeps what lineages keep secret. */
export class Secrets {
  readonly #db: Database
  readonly #lineages: Lineages

  constructor(db: Database, lineages: Lineages) {
    this.#db = db
    this.#lineages = lineages
  }

  /** As the store's `secrets`. */
  async of(lineageId: string, from: number): Promise<LineageSecrets> {
    const { key, keyId } = await this.#lineages.key(lineageId)
    try {
      return { token: key.token, secrets: await this.#read(lineageId, from, key) }
    } catch (thrown) {
      // Another process may have deleted the lineage, and begun another of the same id.
      const now = await this.#lineages.key(lineageId)
      if (now.keyId === keyId) throw thrown
      return { token: now.key.token, secrets: await this.#read(lineageId, from, now.key) }
    }
  }

  /**
   * Keeps secrets of a lineage inside of a transaction; one that it has already is left as it is. They are numbered under
   * the lock of the lineage's row in `secret_counts`, so that whoever reads from a number on misses none.
   */
  async keep(tx: Queryable, lineageId: string, cipher: Cipher, secrets: readonly Secret[]): Promise<void> {
    if (secrets.length === 0) return
    const { secret_counts: counts, secrets: table } = this.#db.tables
    const values = new Map(secrets.map(({ token, value }) => [token, cipher.seal(value, SECRETS, token)]))
    await Promise.all([
      tx.query(`insert into ${counts} (lineage_id, count) values ($1, 0) on conflict do nothing`, [lineageId]),
      tx.query(`select 1 from ${counts} where lineage_id = $1 for update`, [lineageId]),
      tx.query(
        `with kept as (
          insert into ${table} (lineage_id, number, token, value)
            select $1, count + row_number() over (order by at), token, value
              from unnest($2::text[], $3::bytea[]) with ordinality new (token, value, at), ${counts} counts
              where counts.lineage_id = $1
                and not exists (select 1 from ${table} old where old.lineage_id = $1 and old.token = new.token)
            returning 1
        )
        update ${counts} set count = count + (select count(*) from kept) where lineage_id = $1`,
        [lineageId, [...values.keys()], [...values.values()]],
      ),
    ])
  }

  /** How many secrets a lineage has, inside of a transaction. */
  async count(tx: Queryable, lineageId: string): Promise<number> {
    const [found] = await tx.query<{ count: number }>(
      `select count from ${this.#db.tables.secret_counts} where lineage_id = $1`,
      [lineageId],
    )
    return found?.count ?? 0
  }

  async #read(lineageId: string, from: number, key: LineageKey): Promise<readonly Secret[]> {
    const found = await this.#db.query<{ token: string; value: Buffer }>(
      `select token, value from ${this.#db.tables.secrets} where lineage_id = $1 and number > $2 order by number`,
      [lineageId, from],
    )
    return found.map(({ token, value }) => ({ token, value: key.open(value, SECRETS, token) }))
  }
}
