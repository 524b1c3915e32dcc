import type { RunRow, TakeFilter, Taker } from '@reprise/core'
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
  readonly limit: number
}

/** A run that may be taken, by its number, and whose it is. */
interface Found {
  readonly run: number
  readonly owner: string | null
}

const RUNNABLE = "status in ('queued', 'running')"
const FREE = 'ended_at is null and (owner is null or owner in gone)'
const MINE = '(kind, name) in mine'
const LEFT = 'run not in except_runs'

/**
 * The sorts of runs that may be taken; none is of two. Each has its index named: without statistics, SQLite would go
 * through all runs that wait. What nobody owns comes by definition, in the order that is asked for: neither a long queue
 * nor the runs of others are read to their end. Of those that wait, only the ones that are due or have mail are looked at.
 */
const SORTS = [
  `select runs.run, priority, owner from mine cross join runs on runs.run in (
    select run from runs indexed by runs_runnable
    where owner is null and ${RUNNABLE} and ended_at is null and kind = mine.kind and name = mine.name and ${LEFT}
    order by priority desc, run limit @limit)`,
  `select run, priority, owner from runs indexed by runs_owner
    where owner in gone and ${RUNNABLE} and ended_at is null and ${MINE} and ${LEFT}`,
  `select run, priority, owner from mine cross join runs indexed by runs_wake on runs.kind = mine.kind and runs.name = mine.name
    where status = 'waiting' and wake_at is not null and wake_at <= @now and ${FREE} and ${LEFT}`,
  `select run, priority, owner from runs not indexed
    where run in (select run from inbox) and status = 'waiting' and (wake_at is null or wake_at > @now) and ${FREE}
      and waiting ->> 'kind' is not 'interrupted' and ${MINE} and ${LEFT}`,
]

/** Selects the runs that may be taken, the most urgent first. */
export const SELECT_FREE = `
  with gone as materialized (
      select owners.owner from json_each(@gone) join owners on owners.owner = value ->> 0 and owners.beat = value ->> 1),
    mine as materialized (select value ->> 0 as kind, value ->> 1 as name from json_each(@definitions)),
    except_runs as materialized (select run from runs where id in (select value from json_each(@except)))
  select run, owner from (${SORTS.join(' union all ')}) order by priority desc, run limit @limit`

/** Gives runs to whoever has room for them. */
export class Take {
  readonly #select
  readonly #take

  constructor(db: SqliteDatabase, claims: Claims) {
    this.#select = db.prepare<[Params], Found>(SELECT_FREE)
    this.#take = db.transaction((taker: Taker, params: Params) =>
      this.#select.all(params).flatMap(({ run, owner }) => claims.give(run, owner, taker) ?? []),
    )
  }

  /** Whether there is a run that may be taken. */
  isAny(filter: TakeFilter): boolean {
    return this.#select.get({ ...paramsOf(filter), limit: 1 }) !== undefined
  }

  /** As the store's `take`. */
  take(taker: Taker, filter: TakeFilter): readonly RunRow[] {
    return this.#take.immediate(taker, paramsOf(filter))
  }
}

function paramsOf({ now, gone, definitions, except, limit }: TakeFilter): Params {
  return {
    now,
    gone: JSON.stringify(gone.map(({ owner, beat }) => [owner, beat])),
    definitions: JSON.stringify(definitions.map(({ kind, name }) => [kind, name])),
    except: JSON.stringify(except),
    limit,
  }
}
