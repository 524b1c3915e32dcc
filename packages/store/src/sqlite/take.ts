import { type RunRow, SUSPECT_FROM, type TakeFilter, type Taker } from '@reprise/core'
import type { Claims } from './claims.ts'
import type { SqliteDatabase } from './database.ts'
import { HAS_ROOM, type Place, type Slots } from './slots.ts'

interface Params {
  /** Milliseconds since 1970. */
  readonly now: number
  /** A JSON array of `[owner, beat]`. */
  readonly gone: string
  /** A JSON array of `[kind, name]`. */
  readonly definitions: string
  /** A JSON array of ids. */
  readonly except: string
  /** 1 for suspects alone, 0 for none of them, null for both. */
  readonly suspects: 0 | 1 | null
  /** Whose runs are taken alone; null for everybody's. */
  readonly tenant: string | null
  readonly limit: number
}

/** A run that may be taken, by its number, and whose it is. */
interface Found {
  readonly run: number
  readonly owner: string | null
}

/** As the indexes of what may run say it. What is queued for a later moment stands in an index of its own. */
const RUNNABLE =
  "owner is null and ended_at is null and (status = 'running' or (status = 'queued' and (wake_at is null or promoted = 1))) and parked = 0"
/** Its moment may have come by another clock, which is ahead of the taker's. */
const HAS_COME = "(status = 'running' or wake_at is null or wake_at <= @now)"
/** Whose next claim counts on, and that have many already. */
const SUSPECT = `(attempts >= ${SUSPECT_FROM} and (owner is not null or counted = 1))`
const FREE = 'ended_at is null and (owner is null or owner in gone)'
const MINE = '(kind, name) in mine'
const IN_TIME = `(deadline_at is null or deadline_at > @now) and (expire_at is null or expire_at > @now or status <> 'queued')`
const LEFT = `run not in except_runs and (@suspects is null or @suspects = ${SUSPECT}) and ${IN_TIME}`

/** In which order runs are given. */
const ORDERS = {
  urgent: 'priority desc, run',
  newest: 'run desc',
  oldest: 'run',
  suspects: 'attempts, run desc',
} as const

type Order = keyof typeof ORDERS

/** By which index what may run is found in its order: all of it, or that of one tenant, for which that of others is not read. */
const INDEXES: Record<Order, Record<Of, string>> = {
  urgent: { all: 'runs_runnable', tenant: 'runs_tenant_runnable' },
  newest: { all: 'runs_age', tenant: 'runs_tenant_age' },
  oldest: { all: 'runs_age', tenant: 'runs_tenant_age' },
  suspects: { all: 'runs_runnable', tenant: 'runs_tenant_runnable' },
}

/** Whose runs are looked at: how the others are left out, and by which indexes those are found that wait for a time. */
const OF = {
  all: { whose: 'true', wake: 'runs_wake', delayed: 'runs_delayed' },
  tenant: { whose: 'tenant = cast(@tenant as text)', wake: 'runs_tenant_wake', delayed: 'runs_tenant_delayed' },
} as const

type Of = keyof typeof OF

/** How many that were queued for a moment that has come are put among the others at a time. */
const PROMOTED = 1_000

const due = (
  of: Of,
): string => `mine cross join runs indexed by ${OF[of].delayed} on runs.kind = mine.kind and runs.name = mine.name
  where ${OF[of].whose} and status = 'queued' and wake_at is not null and promoted = 0 and wake_at <= @now`

/**
 * The sorts of runs that may be taken; none is of two. Each has its index named: without statistics, SQLite would go
 * through all that waits. Of each of the taker's definitions the most urgent are found in their order, so that neither they
 * nor the runs of others are read to their end. Of those that wait, only the ones that are due or have mail are looked at.
 */
const sorts = (order: Order, of: Of): readonly string[] => [
  `select runs.run, priority, owner, attempts from mine cross join runs on runs.run in (
    select run from runs indexed by ${INDEXES[order][of]}
    where ${OF[of].whose} and ${RUNNABLE} and ${HAS_COME} and kind = mine.kind and name = mine.name and ${LEFT}
    order by ${ORDERS[order]} limit cast(@limit as integer))`,
  `select run, priority, owner, attempts from runs indexed by runs_owner
    where ${OF[of].whose} and owner in gone and status in ('queued', 'running') and ended_at is null and ${MINE} and ${LEFT}`,
  `select run, priority, owner, attempts from mine cross join runs indexed by ${OF[of].wake} on runs.kind = mine.kind and runs.name = mine.name
    where ${OF[of].whose} and status = 'waiting' and wake_at is not null and wake_at <= @now and ${FREE} and ${LEFT} and ${HAS_ROOM}`,
  `select run, priority, owner, attempts from runs not indexed
    where ${OF[of].whose} and run in (select run from inbox) and status = 'waiting' and (wake_at is null or wake_at > @now) and ${FREE}
      and waiting ->> 'kind' is not 'interrupted' and ${MINE} and ${LEFT} and ${HAS_ROOM}`,
]

const MINE_GIVEN = `mine as materialized (select value ->> 0 as kind, value ->> 1 as name from json_each(@definitions))`

/** What finds out whether anything was queued for a moment that has come. */
export const selectDue = (of: Of = 'all'): string => `with ${MINE_GIVEN} select 1 from ${due(of)} limit 1`

/** What puts that among what may run. */
const promote = (of: Of): string => `
  with ${MINE_GIVEN}
  update runs set promoted = 1 where run in (select run from ${due(of)} order by wake_at limit ${PROMOTED})
  returning concurrency_key as key, concurrency_limit as "limit", tenant`

/**
 * What finds runs to give. Given values that SQLite could plan by are cast, here and in other statements: it makes a new
 * plan each time it is given them, which takes thirty times as long as to look.
 */
export const selectFree = (order: Order, of: Of = 'all'): string => `
  with gone (owner) as materialized (
      select owners.owner from json_each(@gone) join owners on owners.owner = value ->> 0 and owners.beat = value ->> 1),
    ${MINE_GIVEN},
    except_runs as materialized (select run from runs where id in (select value from json_each(@except)))
  select run, owner from (${sorts(order, of).join(' union all ')}) order by ${ORDERS[order]} limit cast(@limit as integer)`

/** Gives runs to whoever has room for them. */
export class Take {
  readonly #select
  readonly #due
  readonly #take

  constructor(db: SqliteDatabase, claims: Claims, slots: Slots) {
    const prepare = (order: Order) => ({
      all: db.prepare<[Params], Found>(selectFree(order)),
      tenant: db.prepare<[Params], Found>(selectFree(order, 'tenant')),
    })
    this.#select = {
      urgent: prepare('urgent'),
      newest: prepare('newest'),
      oldest: prepare('oldest'),
      suspects: prepare('suspects'),
    }
    const dueOf = (of: Of) => db.prepare<[Params], number>(selectDue(of)).pluck()
    this.#due = { all: dueOf('all'), tenant: dueOf('tenant') }
    const promoting = (of: Of) => db.prepare<[Params], Place>(promote(of))
    const promotes = { all: promoting('all'), tenant: promoting('tenant') }
    this.#take = db.transaction((taker: Taker, order: Order, params: Params) => {
      const of = setOf(params)
      if (this.#due[of].get(params) !== undefined) slots.level(promotes[of].all(params))
      return this.#select[order][of].all(params).flatMap(({ run, owner }) => claims.give(run, owner, taker) ?? [])
    })
  }

  /** Whether there is a run that may be taken, or one whose moment has come. */
  isAny(filter: TakeFilter): boolean {
    const params: Params = { ...paramsOf(filter), limit: 1 }
    const of = setOf(params)
    return this.#due[of].get(params) !== undefined || this.#select[orderOf(filter)][of].get(params) !== undefined
  }

  /** As the store's `take`. */
  take(taker: Taker, filter: TakeFilter): readonly RunRow[] {
    return this.#take.immediate(taker, orderOf(filter), paramsOf(filter))
  }
}

function orderOf({ only, order = 'urgent' }: TakeFilter): Order {
  return only === 'suspects' ? only : order
}

function setOf({ tenant }: Params): Of {
  return tenant === null ? 'all' : 'tenant'
}

function paramsOf({ now, gone, definitions, except, only, tenant, limit }: TakeFilter): Params {
  return {
    now,
    gone: JSON.stringify(gone.map(({ owner, heartbeat }) => [owner, heartbeat])),
    definitions: JSON.stringify(definitions.map(({ kind, name }) => [kind, name])),
    except: JSON.stringify(except),
    tenant: tenant ?? null,
    suspects: only === undefined ? null : only === 'suspects' ? 1 : 0,
    limit,
  }
}
