import { type RunRow, SUSPECT_FROM, type TakeFilter, type Taker } from '@reprise/core'
import type { Claims } from './claims.ts'
import type { SqliteDatabase } from './database.ts'

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

const RUNNABLE = "status in ('queued', 'running')"
/** Whose next claim counts on, and that have many already. */
const SUSPECT = `(attempts >= ${SUSPECT_FROM} and (owner is not null or counted = 1))`
const FREE = 'ended_at is null and (owner is null or owner in gone)'
const MINE = '(kind, name) in mine'
const LEFT = `run not in except_runs and (@suspects is null or @suspects = ${SUSPECT})`

/** In which order runs are given. */
const ORDERS = {
  urgent: 'priority desc, run',
  newest: 'run desc',
  suspects: 'attempts, run desc',
} as const

type Order = keyof typeof ORDERS

/** By which indexes all runs are found, and those of one tenant: the runs of others are not read for them. */
const INDEXES = {
  all: { runnable: 'runs_runnable', wake: 'runs_wake', whose: 'true' },
  tenant: { runnable: 'runs_tenant_runnable', wake: 'runs_tenant_wake', whose: 'tenant = cast(@tenant as text)' },
} as const

type Of = keyof typeof INDEXES

/**
 * The sorts of runs that may be taken; none is of two. Each has its index named: without statistics, SQLite would go
 * through all that waits. Of each of the taker's definitions the most urgent are found in their order, so that neither they
 * nor the runs of others are read to their end. Of those that wait, only the ones that are due or have mail are looked at.
 */
const sorts = (order: Order, { runnable, wake, whose }: (typeof INDEXES)[Of]): readonly string[] => [
  `select runs.run, priority, owner, attempts from mine cross join runs on runs.run in (
    select run from runs indexed by ${runnable}
    where ${whose} and owner is null and ${RUNNABLE} and ended_at is null and kind = mine.kind and name = mine.name and ${LEFT}
    order by ${ORDERS[order]} limit cast(@limit as integer))`,
  `select run, priority, owner, attempts from runs indexed by runs_owner
    where ${whose} and owner in gone and ${RUNNABLE} and ended_at is null and ${MINE} and ${LEFT}`,
  `select run, priority, owner, attempts from mine cross join runs indexed by ${wake} on runs.kind = mine.kind and runs.name = mine.name
    where ${whose} and status = 'waiting' and wake_at is not null and wake_at <= @now and ${FREE} and ${LEFT}`,
  `select run, priority, owner, attempts from runs not indexed
    where ${whose} and run in (select run from inbox) and status = 'waiting' and (wake_at is null or wake_at > @now) and ${FREE}
      and waiting ->> 'kind' is not 'interrupted' and ${MINE} and ${LEFT}`,
]

/**
 * What finds runs to give. Given values that SQLite could plan by are cast, here and in other statements: it makes a new
 * plan each time it is given them, which takes thirty times as long as to look.
 */
export const selectFree = (order: Order, of: Of = 'all'): string => `
  with gone (owner) as materialized (
      select owners.owner from json_each(@gone) join owners on owners.owner = value ->> 0 and owners.beat = value ->> 1),
    mine as materialized (select value ->> 0 as kind, value ->> 1 as name from json_each(@definitions)),
    except_runs as materialized (select run from runs where id in (select value from json_each(@except)))
  select run, owner from (${sorts(order, INDEXES[of]).join(' union all ')}) order by ${ORDERS[order]} limit cast(@limit as integer)`

/** Gives runs to whoever has room for them. */
export class Take {
  readonly #select
  readonly #take

  constructor(db: SqliteDatabase, claims: Claims) {
    const prepare = (order: Order) => ({
      all: db.prepare<[Params], Found>(selectFree(order)),
      tenant: db.prepare<[Params], Found>(selectFree(order, 'tenant')),
    })
    this.#select = { urgent: prepare('urgent'), newest: prepare('newest'), suspects: prepare('suspects') }
    this.#take = db.transaction((taker: Taker, order: Order, params: Params) =>
      this.#select[order][setOf(params)].all(params).flatMap(({ run, owner }) => claims.give(run, owner, taker) ?? []),
    )
  }

  /** Whether there is a run that may be taken. */
  isAny(filter: TakeFilter): boolean {
    const params: Params = { ...paramsOf(filter), limit: 1 }
    return this.#select[orderOf(filter)][setOf(params)].get(params) !== undefined
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
