import type { Database, Queryable } from './database.ts'
import { problem } from './errors.ts'
import type { Erased, ErasedLineage, Vault, VaultKey, VaultLook } from './vault.ts'

type Found =
  | { readonly sort: 'master'; readonly id: string }
  | ({ readonly sort: 'key' } & VaultKey)
  | ({ readonly sort: 'erased' } & ErasedLineage)

/** A vault in a schema of a Postgres database: another one than the journal's, so that no backup of that is one of the keys. */
export class PostgresVault implements Vault {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async id(): Promise<string> {
    const [found] = await this.#db.query<{ id: string }>(`select id from ${this.#db.tables.vault}`)
    if (found) return found.id
    throw problem('store_no_keys', this.#db.name, 'has no vault', 'Restore the database of the keys.')
  }

  look(lineages: readonly string[]): Promise<VaultLook> {
    return this.#look(this.#db, lineages)
  }

  keep(keys: readonly VaultKey[], master: string, known: readonly string[]): Promise<VaultLook> {
    const { erased, keys: table, masters, vault } = this.#db.tables
    return this.#db.transaction(async (tx) => {
      // Whoever rotates waits until what was kept can be seen.
      const locked = tx.query(`select 1 from ${vault} for share`)
      const noted = tx.query(
        `insert into ${masters} (id) select $1 where not exists (select 1 from ${masters} where id <> all($2::text[]))
          on conflict do nothing`,
        [master, known],
      )
      const kept = tx.query(
        `insert into ${table} (lineage, id, master, wrapped)
          select lineage, id, $1, wrapped from unnest($2::text[], $3::text[], $4::bytea[]) new (lineage, id, wrapped)
            where not exists (select 1 from ${masters} where id <> all($5::text[]))
              and not exists (select 1 from ${erased} gone where gone.lineage = new.lineage)
            order by lineage
          on conflict (lineage) do nothing`,
        [
          master,
          keys.map(({ lineage }) => lineage),
          keys.map(({ id }) => id),
          keys.map(({ wrapped }) => wrapped),
          known,
        ],
      )
      const look = this.#look(
        tx,
        keys.map(({ lineage }) => lineage),
      )
      const [found] = await Promise.all([look, locked, noted, kept])
      return found
    })
  }

  wrappedBy(master: string, after: string, limit: number): Promise<readonly VaultKey[]> {
    return this.#db.query<VaultKey>(
      `select lineage, id, master, wrapped from ${this.#db.tables.keys} where master = $1 and lineage > $2 order by lineage limit $3`,
      [master, after, limit],
    )
  }

  async replace(keys: readonly VaultKey[], from: string): Promise<void> {
    await this.#db.query(
      `update ${this.#db.tables.keys} k set master = new.master, wrapped = new.wrapped
        from unnest($1::text[], $2::text[], $3::text[], $4::bytea[]) new (lineage, id, master, wrapped)
        where k.lineage = new.lineage and k.id = new.id and k.master = $5`,
      [
        keys.map(({ lineage }) => lineage),
        keys.map(({ id }) => id),
        keys.map(({ master }) => master),
        keys.map(({ wrapped }) => wrapped),
        from,
      ],
    )
  }

  retire(master: string): Promise<boolean> {
    const { keys, masters, vault } = this.#db.tables
    return this.#db.transaction(async (tx) => {
      await tx.query(`select 1 from ${vault} for update`)
      const gone = await tx.query(
        `delete from ${masters} where id = $1 and not exists (select 1 from ${keys} where master = $1) returning 1`,
        [master],
      )
      const left = await tx.query(`select 1 from ${masters} where id = $1`, [master])
      return gone.length > 0 || left.length === 0
    })
  }

  async drop(keys: readonly Pick<VaultKey, 'lineage' | 'id'>[]): Promise<void> {
    await this.#db.query(
      `delete from ${this.#db.tables.keys} k using unnest($1::text[], $2::text[]) old (lineage, id)
        where k.lineage = old.lineage and k.id = old.id`,
      [keys.map(({ lineage }) => lineage), keys.map(({ id }) => id)],
    )
  }

  async destroy(lineage: string, { at, by }: Erased): Promise<Erased> {
    const { erased, keys, vault } = this.#db.tables
    const who = await this.#db.transaction(async (tx) => {
      // Nobody keeps a key of it meanwhile.
      await tx.query(`select 1 from ${vault} for update`)
      await tx.query(`delete from ${keys} where lineage = $1`, [lineage])
      await tx.query(`insert into ${erased} (lineage, at, by) values ($1, $2, $3) on conflict (lineage) do nothing`, [
        lineage,
        at,
        by,
      ])
      const [first] = await tx.query<Erased>(`select at, by from ${erased} where lineage = $1`, [lineage])
      return first ?? { at, by }
    })
    // What Postgres keeps of the row is a key that is wrapped; it goes sooner or later.
    await this.#db.query(`vacuum (index_cleanup off, truncate off) ${keys}`).catch(() => undefined)
    return who
  }

  erased(): Promise<readonly ErasedLineage[]> {
    return this.#db.query<ErasedLineage>(`select lineage, at, by from ${this.#db.tables.erased} order by lineage`)
  }

  async mark(history: string, mark: number): Promise<number> {
    const { marks } = this.#db.tables
    if (mark > 0)
      await this.#db.query(
        `insert into ${marks} as m (history, mark) values ($1, $2)
          on conflict (history) do update set mark = excluded.mark where m.mark < excluded.mark`,
        [history, mark],
      )
    const [kept] = await this.#db.query<{ mark: number }>(`select mark from ${marks} where history = $1`, [history])
    return kept?.mark ?? 0
  }

  async #look(from: Queryable, lineages: readonly string[]): Promise<VaultLook> {
    const { erased, keys, masters } = this.#db.tables
    const found = await from.query<Found>(
      `select 'master' as sort, null as lineage, id, null as master, null::bytea as wrapped, null::bigint as at, null as by from ${masters}
        union all select 'key', lineage, id, master, wrapped, null, null from ${keys} where lineage = any($1)
        union all select 'erased', lineage, null, null, null, at, by from ${erased} where lineage = any($1)`,
      [lineages],
    )
    return {
      masters: found.flatMap((row) => (row.sort === 'master' ? [row.id] : [])),
      keys: found.flatMap((row) =>
        row.sort === 'key' ? [{ lineage: row.lineage, id: row.id, master: row.master, wrapped: row.wrapped }] : [],
      ),
      erased: found.flatMap((row) => (row.sort === 'erased' ? [{ lineage: row.lineage, at: row.at, by: row.by }] : [])),
    }
  }
}
