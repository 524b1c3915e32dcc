import { type RunRow, type SeenRun, SUSPECT_FROM, type TakeFilter, type Taker } from '@reprise/core'
import type { Database } from './database.ts'
import { give, type GivenRecord, givenRows } from './give.ts'
import type { Lineages } from './lineages.ts'
import type { Asking } from './runs.ts'
import type { Tables } from './tables.ts'

const RUNNABLE = "status in ('queued', 'running')"
const FREE = 'ended_at is null and (owner is null or owner in (select owner from gone))'
/** Whose next claim counts on, and that have many already. */
const SUSPECT = `(attempts >= ${SUSPECT_FROM} and (owner is not null or counted))`

/** In which order runs are given. */
const ORDERS = {
  urgent: ['priority desc', 'run'],
  newest: ['run desc'],
  suspects: ['attempts', 'run desc'],
} as const

/** What is looked at of a run that may be taken: it is taken as it was seen, or not at all. */
const SEEN = 'run, priority, attempts, epoch, owner, status, wake_at'

/** What must hold of a run once it is locked, of which another may have changed something meanwhile. */
const AS_SEEN = `r.run = free.run and r.epoch = free.epoch and r.ended_at is null and r.status = free.status
  and r.owner is not distinct from free.owner and r.wake_at is not distinct from free.wake_at`

/** How many more than are wanted are looked at, since others may have locked some just then. */
const SPARE = 8

/**
 * The statement that finds runs and gives them. The sorts of runs that may be taken follow; none is of two, each is found by
 * an index of its own, and those of each of the taker's definitions come in their order, so that neither a long queue nor
 * the runs of others are read further than `width` needs. Only what is given is locked, and what another has locked is passed
 * over: of two that take at the same time none waits for the other.
 *
 * Owners that are gone are locked first: one that has beaten since, or beats just then, keeps its runs. `offset 0` keeps Postgres
 * from planning across it: whatever it knows of the table, each run is looked up by its index.
 */
export function selectAndGive(
  tables: Tables,
  taker: Taker,
  filter: TakeFilter,
  masters: readonly string[] | null,
  width: number,
): Asking {
  const { now, gone, definitions, except, only, order = 'urgent', limit, tenant } = filter
  const { inbox, meta, owners, runs } = tables
  const values: unknown[] = [taker.owner, taker.heartbeat]
  const given = (value: unknown): string => `$${values.push(value)}`
  const columns = ORDERS[only === 'suspects' ? only : order]
  const by = columns.join(', ')
  const soundness = { sound: [`not ${SUSPECT}`], suspects: [SUSPECT] }
  const whose = tenant === undefined ? [] : [`tenant = ${given(tenant)}`]
  const left = [...whose, `id <> all(${given(except)}::text[])`, ...(only === undefined ? [] : soundness[only])].join(
    ' and ',
  )
  const at = given(now)
  const most = `order by ${by} limit ${given(width)}`
  const named = `unnest(${given(gone.map(({ owner }) => owner))}::text[], ${given(gone.map(({ heartbeat }) => heartbeat))}::bigint[])`
  const kinds = given(definitions.map(({ kind }) => kind))
  const names = given(definitions.map(({ name }) => name))
  const each = (of: string, where: string): string =>
    `(select r.* from ${of} cross join lateral (select ${SEEN} from ${runs} where ${where} and ${left} offset 0) r ${most})`
  const sorts = [
    ...definitions.map(
      ({ kind, name }) => `
      (select ${SEEN} from ${runs} where owner is null and ${RUNNABLE} and ended_at is null
        and kind = ${given(kind)} and name = ${given(name)} and ${left} ${most})`,
    ),
    each('gone', `owner = gone.owner and ${RUNNABLE} and ended_at is null and (kind, name) in (select * from mine)`),
    each(
      'mine',
      `kind = mine.kind and name = mine.name and status = 'waiting' and wake_at is not null and wake_at <= ${at} and ${FREE}`,
    ),
    each(
      `(select distinct run from ${inbox}) mail`,
      `run = mail.run and status = 'waiting' and (wake_at is null or wake_at > ${at}) and ${FREE}
        and waiting_kind is distinct from 'interrupted' and (kind, name) in (select * from mine)`,
    ),
  ]
  const text = `
    with named as materialized (select * from ${named} named (owner, beat)),
    standing as materialized (
      select o.owner from ${owners} o join named on named.owner = o.owner and named.beat = o.beat for no key update of o skip locked
    ),
    gone as materialized (
      select owner from standing
      union all select owner from named where beat = 0 and not exists (select 1 from ${owners} o where o.owner = named.owner)
    ),
    mine as materialized (select * from unnest(${kinds}::text[], ${names}::text[]) mine (kind, name)),
    free as materialized (
      select * from (${sorts.join(' union all ')}) every
        ${masters ? `where (select masters <@ ${given(masters)}::text[] from ${meta})` : ''}
        ${most}
    ),
    picked as materialized (
      select r.run, r.owner from free
        cross join lateral (select r.run, r.owner from ${runs} r where ${AS_SEEN} for no key update of r skip locked) r
        limit ${given(limit)}
    ),
    ${give(tables, columns.map((column) => `taken.${column}`).join(', '), '(select count(*) from free)')}`
  return { text, values }
}

/** The statement that gives one run, where it stands as it was seen. */
export function selectOneAndGive(
  tables: Tables,
  taker: Taker,
  seen: SeenRun,
  masters: readonly string[] | null,
): Asking {
  const { meta, owners, runs } = tables
  // Its owner is locked before it: one that beats just then has beaten since.
  const text = `
    with beaten as materialized (
      select o.beat from ${owners} o where o.owner = (select owner from ${runs} where id = $3) for no key update of o
    ),
    picked as materialized (
      select r.run, r.owner from ${runs} r
        where r.id = $3 and r.epoch = $4 and r.ended_at is null
          and case when r.owner is null then $5::bigint is null else coalesce((select beat from beaten), 0) = $5 end
          ${masters ? `and (select masters <@ $6::text[] from ${meta})` : ''}
        for no key update of r
    ),
    ${give(tables, 'taken.run', '1')}`
  return {
    text,
    values: [taker.owner, taker.heartbeat, seen.id, seen.epoch, seen.ownerHeartbeat, ...(masters ? [masters] : [])],
  }
}

/** Gives runs to whoever has room for them. */
export class Take {
  readonly #db: Database
  readonly #lineages: Lineages

  constructor(db: Database, lineages: Lineages) {
    this.#db = db
    this.#lineages = lineages
  }

  /** As the store's. */
  async claim(seen: SeenRun, taker: Taker): Promise<RunRow | undefined> {
    const { rows } = await this.#give(selectOneAndGive(this.#db.tables, taker, seen, this.#lineages.given))
    return rows[0]
  }

  /** As the store's. */
  async take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    const { tables } = this.#db
    for (let width = filter.limit + SPARE; ; width *= 8) {
      const { rows, seen } = await this.#give(selectAndGive(tables, taker, filter, this.#lineages.given, width))
      // Others have locked all that was looked at: there may be more behind it.
      if (rows.length > 0 || seen < width) return rows
    }
  }

  async #give({ text, values }: Asking): Promise<Given> {
    const records = await this.#db.query<GivenRecord>(text, values)
    this.#lineages.refuseOthers(records[0]?.masters ?? [])
    return { rows: givenRows(records), seen: records[0]?.seen ?? 0 }
  }
}

/** What was given, and how many runs that may be taken were looked at. */
interface Given {
  readonly rows: readonly RunRow[]
  readonly seen: number
}
