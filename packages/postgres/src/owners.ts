import type { OwnerHeartbeat } from '@reprise/core'
import type { Database } from './database.ts'

/** How many owners that have no run any more are forgotten for each one that comes. */
const FORGOTTEN = 10

/** Where the count of an owner's lost runs begins: anywhere, so that one that was forgotten meanwhile comes to another. */
export const ANY = 'floor(random() * 4503599627370496)::bigint'

/** Keeps the heartbeats of owners. One that has runs, and no row here, has not beaten yet: its heartbeat is 0. */
export class Owners {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** As the store's `heartbeat`. */
  async beat(owner: string, beat: number): Promise<number> {
    const { owners } = this.#db.tables
    const [known] = await this.#db.query<{ lost: number }>(
      `update ${owners} set beat = $2 where owner = $1 returning lost`,
      [owner, beat],
    )
    return known ? known.lost : this.#arrive(owner, beat)
  }

  /** As the store's `owned`. */
  async owned(owner: string): Promise<readonly string[]> {
    const { runs } = this.#db.tables
    const found = await this.#db.query<{ id: string }>(`select id from ${runs} where owner = $1 and ended_at is null`, [
      owner,
    ])
    return found.map(({ id }) => id)
  }

  /** As the store's `mail`: whoever beats looks for it in between. */
  async mail(owner: string): Promise<readonly string[]> {
    const { inbox, runs } = this.#db.tables
    const found = await this.#db.query<{ id: string }>(
      `select id from ${runs} where owner = $1 and ended_at is null and run in (select run from ${inbox}) order by run`,
      [owner],
    )
    return found.map(({ id }) => id)
  }

  /** As the store's `owners`: each is found after the one before, however many runs that has. */
  all(): Promise<readonly OwnerHeartbeat[]> {
    const { owners, runs } = this.#db.tables
    return this.#db.query<OwnerHeartbeat>(`
      with recursive each (owner) as (
        (select owner from ${runs} where owner is not null and ended_at is null order by owner limit 1)
        union all
        select next.owner from each cross join lateral (
          select runs.owner from ${runs} runs where runs.owner > each.owner and runs.ended_at is null order by runs.owner limit 1
        ) next
      )
      select owner, coalesce(beat, 0) as heartbeat from each left join ${owners} using (owner)`)
  }

  /** Makes an owner known. Those that are long gone make room for it. */
  async #arrive(owner: string, beat: number): Promise<number> {
    const { owners, runs } = this.#db.tables
    const [row] = await this.#db.query<{ lost: number }>(
      `with forgotten as (
        delete from ${owners} where owner in (
          select owner from ${owners} o where owner <> $1
            and not exists (select 1 from ${runs} r where r.owner = o.owner and r.ended_at is null)
            limit ${FORGOTTEN} for update skip locked
        )
      )
      insert into ${owners} (owner, beat, lost) values ($1, $2, ${ANY})
        on conflict (owner) do update set beat = excluded.beat returning lost`,
      [owner, beat],
    )
    return row?.lost ?? 0
  }
}
