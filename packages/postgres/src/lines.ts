import type { TakeFilter } from '@reprise/core'
import type { Database, Queryable } from './database.ts'
import { DELAYED, HELD, IN_LINE, OUT_OF_LINE } from './schema.ts'
import type { Tables } from './tables.ts'

/** How many that were queued for a moment that has come are put among the others at a time. */
const PROMOTED = 1_000

/** How many changes are looked at, at a time. */
const CHANGES = 1_000

/** How many runs of the line of `r` are owned. It is as of the statement's beginning: only who has the line's turn may go by it. */
export function heldIn({ runs }: Tables, line: string): string {
  return `(select count(*) from ${runs} held where held.line = ${line} and ${HELD.replace('line', 'held.line')})`
}

/** Whether a run of a table has a slot, or may have one: that it is owned is a slot. */
export function hasRoom(tables: Tables, of: string): string {
  return `(${of}.line is null or ${of}.owner is not null or ${heldIn(tables, `${of}.line`)} < ${of}.concurrency_limit)`
}

/** What is queued, of one of the definitions `mine`, for a moment that has come. */
export function dueOf({ runs }: Tables, now: string, columns = '1', more = 'order by wake_at limit 1'): string {
  return `select due.* from mine cross join lateral (
    select ${columns} from ${runs} r where r.kind = mine.kind and r.name = mine.name and ${DELAYED} and wake_at <= ${now} ${more}
  ) due`
}

/** Locks lines, in their order, to the end of a transaction: nobody else gives runs of them meanwhile, or puts them right. */
export async function lockLines(tx: Queryable, tables: Tables, lines: readonly string[]): Promise<void> {
  await tx.query(
    `insert into ${tables.lines} as l (line) select line from unnest($1::text[]) given (line) order by line collate "C"
      on conflict (line) do update set turn = l.turn`,
    [lines],
  )
}

/**
 * Keeps of the runs of a key only as many where takers look as may be taken: the others are parked, so that no take reads
 * through them. A slot is no more than that a run is owned. Whatever may change who stands in line, or who has a slot, leaves a
 * word of it with the same commit, which waits for nobody; whoever takes puts those lines right first, each under the lock of
 * its row. That costs what the limit of the key is, however long the line.
 */
export class Lines {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Puts what was queued for a moment that has come among the others, and lines right that have changed. */
  async advance({ definitions, now }: TakeFilter): Promise<void> {
    const { tables } = this.#db
    await this.#db.query(promoteStatement(tables), [
      definitions.map(({ kind }) => kind),
      definitions.map(({ name }) => name),
      now,
    ])
    await this.settle()
  }

  /** Puts lines right that have changed. */
  async settle(): Promise<void> {
    const { tables } = this.#db
    await this.#db.transaction(async (tx) => {
      const changed = await tx.query<{ line: string }>(changedStatement(tables))
      if (changed.length === 0) return
      const lines = changed.map(({ line }) => line)
      await Promise.all([lockLines(tx, tables, lines), tx.query(levelStatement(tables), [lines])])
    })
  }
}

function promoteStatement(tables: Tables): string {
  const { runs, line_changes: changes } = tables
  const due = dueOf(
    tables,
    '$3::bigint',
    'run, line',
    `order by wake_at limit ${PROMOTED} for no key update of r skip locked`,
  )
  return `with mine as materialized (select * from unnest($1::text[], $2::text[]) mine (kind, name)),
    due as materialized (${due}),
    promoted as (update ${runs} r set promoted = true from due where r.run = due.run)
    insert into ${changes} (line) select distinct line from due where line is not null`
}

/** Takes the word of changes away, all of it of the lines that it gives. What another transaction looks at is left to that. */
function changedStatement({ line_changes: changes }: Tables): string {
  return `with first as materialized (
      select line from ${changes} order by id limit ${CHANGES} for update skip locked
    ),
    same as materialized (
      select id from ${changes} where line in (select line from first) for update skip locked
    ),
    gone as (delete from ${changes} c using same where c.id = same.id)
    select distinct line from first`
}

/**
 * Puts lines right that are locked: as many of each as have room stand where takers look, the first in their order, and nobody
 * goes before those in front. What somebody else holds just then is tried again; a line of which no run is left is forgotten.
 */
export function levelStatement(tables: Tables): string {
  const { runs, lines, line_changes: changes } = tables
  const inLine = `r.line = given.line and ${IN_LINE.replace('line', 'r.line')}`
  const none = [IN_LINE, HELD, OUT_OF_LINE].map(
    (which) => `not exists (select 1 from ${runs} r where r.line = given.line and ${which.replace('line', 'r.line')})`,
  )
  const first = `order by priority desc, run limit`
  return `with given as materialized (select * from unnest($1::text[]) given (line)),
    standing as (
      select r.*, ${heldIn(tables, 'r.line')} as held from given cross join lateral (
        (select run, r.line, parked, priority, concurrency_limit from ${runs} r where ${inLine} and not parked)
        union all
        (select run, r.line, parked, priority, concurrency_limit from ${runs} r where ${inLine} and parked
          ${first} (select concurrency_limit from ${runs} r where ${inLine} and parked ${first} 1))
      ) r
    ),
    placed as (
      select *, held + row_number() over (partition by line order by priority desc, run) <= concurrency_limit as fits from standing
    ),
    wrong as materialized (
      select * from (
        select run, line, parked, bool_and(fits) over (partition by line order by priority desc, run) as is_open from placed
      ) placed where parked = is_open
    ),
    held as materialized (
      select r.run from wrong cross join lateral (
        select r.run from ${runs} r where r.run = wrong.run and r.owner is null and r.parked = wrong.parked
          for no key update of r skip locked
      ) r
    ),
    put as (update ${runs} r set parked = not r.parked from held where r.run = held.run),
    again as (
      insert into ${changes} (line) select distinct line from wrong where run not in (select run from held)
    )
    delete from ${lines} l using given
      where l.line = given.line and ${none.join(' and ')}`
}
