import { type RunRow, type SeenRun, SUSPECT_FROM, type TakeFilter, type Taker } from '@reprise/core'
import type { Database } from './database.ts'
import { give, type GivenRecord, givenRows } from './give.ts'
import type { Lineages } from './lineages.ts'
import type { Asking } from './runs.ts'
import type { Tables } from './tables.ts'

const RUNNABLE = "status in ('queued', 'running')"
const FREE = 'ended_at is null and (owner is null or owner in (select owner from gone))'
const MINE = '(kind, name) in (select kind, name from mine)'
/** Whose next claim counts on, and that have many already. */
const SUSPECT = `(attempts >= ${SUSPECT_FROM} and (owner is not null or counted))`

/** In which order runs are given. */
const ORDERS = {
  urgent: 'priority desc, run',
  newest: 'run desc',
  suspects: 'attempts, run desc',
} as const

/** What is looked at of a run that may be taken: it is taken as it was seen, or not at all. */
const SEEN = 'run, priority, attempts, epoch, owner, status, wake_at'

/** What must hold of a run once it is locked, of which another may have changed something meanwhile. */
const AS_SEEN = `r.run = free.run and r.epoch = free.epoch and r.ended_at is null and r.status = free.status
  and r.owner is not distinct from free.owner and r.wake_at is not distinct from free.wake_at`

/**
 * The statement that finds runs and gives them. The sorts of runs that may be taken follow; none is of two, each is found by
 * an index of its own, and those of each of the taker's definitions come in their order, so that neither a long queue nor
 * the runs of others are read further than the limit needs. Only what is given is locked. What another has locked is passed over: of
 * two that take at the same time none waits for the other, and none gets nothing though there is more.
 *
 * Owners that are gone are locked first: one that has beaten since, or beats just then, keeps its runs.
 */
export function selectAndGive(
  tables: Tables,
  taker: Taker,
  filter: TakeFilter,
  masters: readonly string[] | null,
): Asking {
  const { now, gone, definitions, except, only, order = 'urgent', limit } = filter
  const { inbox, meta, owners, runs } = tables
  const values: unknown[] = [taker.owner, taker.heartbeat]
  const given = (value: unknown): string => `$${values.push(value)}`
  const by = ORDERS[only === 'suspects' ? only : order]
  const soundness = { sound: [`not ${SUSPECT}`], suspects: [SUSPECT] }
  const left = [`id <> all(${given(except)}::text[])`, ...(only === undefined ? [] : soundness[only])].join(' and ')
  const at = given(now)
  const queued = definitions.map(
    ({ kind, name }) => `
      (select ${SEEN} from ${runs} where owner is null and ${RUNNABLE} and ended_at is null
        and kind = ${given(kind)} and name = ${given(name)} and ${left} order by ${by})`,
  )
  const sorts = [
    ...queued,
    `(select ${SEEN} from ${runs}
      where owner in (select owner from gone) and ${RUNNABLE} and ended_at is null and ${MINE} and ${left} order by ${by})`,
    `(select ${SEEN} from mine join ${runs} using (kind, name)
      where status = 'waiting' and wake_at is not null and wake_at <= ${at} and ${FREE} and ${left} order by ${by})`,
    `(select ${SEEN} from ${runs} where run in (select run from ${inbox})
      and status = 'waiting' and (wake_at is null or wake_at > ${at}) and ${FREE}
      and waiting_kind is distinct from 'interrupted' and ${MINE} and ${left} order by ${by})`,
  ]
  const named = `unnest(${given(gone.map(({ owner }) => owner))}::text[], ${given(gone.map(({ heartbeat }) => heartbeat))}::bigint[])`
  const kinds = given(definitions.map(({ kind }) => kind))
  const names = given(definitions.map(({ name }) => name))
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
    picked as materialized (
      select r.run, r.owner from (${sorts.join(' union all ')}) free join ${runs} r on ${AS_SEEN}
        ${masters ? `where (select masters <@ ${given(masters)}::text[] from ${meta})` : ''}
        order by ${by.replaceAll(/\b(?=priority|attempts|run)/g, 'free.')} limit ${given(limit)} for no key update of r skip locked
    ),
    ${give(tables, by.replaceAll(/\b(?=priority|attempts|run)/g, 'taken.'))}`
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
    ${give(tables, 'taken.run')}`
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
    const [row] = await this.#give(selectOneAndGive(this.#db.tables, taker, seen, this.#lineages.given))
    return row
  }

  /** As the store's. */
  take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    return this.#give(selectAndGive(this.#db.tables, taker, filter, this.#lineages.given))
  }

  async #give({ text, values }: Asking): Promise<readonly RunRow[]> {
    const records = await this.#db.query<GivenRecord>(text, values)
    this.#lineages.refuseOthers(records[0]?.masters ?? [])
    return givenRows(records)
  }
}
