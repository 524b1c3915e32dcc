import { type RunRow, type SeenRun, SUSPECT_FROM, type TakeFilter, type Taker } from '@reprise/core'
import type { Database, Queryable } from './database.ts'
import { give, type GivenRecord, givenRows } from './give.ts'
import type { Lineages } from './lineages.ts'
import { dueOf, hasRoom, heldIn, Lines, lockLines } from './lines.ts'
import type { Statement } from './statement.ts'
import { RUNNABLE } from './schema.ts'
import type { Tables } from './tables.ts'

const FREE = 'ended_at is null and (owner is null or owner in (select owner from gone))'
/** Whose next claim counts on, and that have many already. */
const SUSPECT = `(attempts >= ${SUSPECT_FROM} and (owner is not null or counted))`

/** In which order runs are given. */
const ORDERS = {
  urgent: ['priority desc', 'run'],
  newest: ['run desc'],
  oldest: ['run'],
  suspects: ['attempts', 'run desc'],
} as const

/** How those of one definition are found in that order: by age they stand in the index that has them so, and in no other. */
const FOUND = { newest: '(- run)', oldest: '(- run) desc' }

/** What is looked at of a run that may be taken: it is taken as it was seen, or not at all. */
const SEEN = 'run, priority, attempts, epoch, owner, status, wake_at, promoted, line, concurrency_limit'

/** What must hold of a run once it is locked, of which another may have changed something meanwhile. */
const AS_SEEN = `r.run = free.run and r.epoch = free.epoch and r.ended_at is null and r.status = free.status
  and r.owner is not distinct from free.owner and r.wake_at is not distinct from free.wake_at and r.promoted = free.promoted`

/** How many more than are wanted are looked at, since others may have locked some just then. */
const SPARE = 8

/** How often a take is tried whose lines others have just then. */
const TRIES = 3

/** How far a take looks. */
export interface Width {
  /** How many runs that may be taken are looked at. */
  readonly width: number
  /** Whether nothing is looked at where lines have changed, or a moment has come: what that brings forward may be first. */
  readonly isGuarded: boolean
}

/**
 * The statement that finds runs and gives them. The sorts of runs that may be taken follow; none is of two, each is found by
 * an index of its own, and those of each of the taker's definitions come in their order, so that neither a long queue nor
 * the runs of others are read further than `width` needs. Only what is given is locked, and what another has locked is passed
 * over: of two that take at the same time none waits for the other.
 *
 * Of the runs of one key that nobody owns, those are given that have room, by whoever has the line's row: another who has it
 * just then is not waited for. All is as of the statement's beginning, and each giving counts the line's turns: where the turn is another
 * one by the time that the row is locked, somebody has given meanwhile, and the line is left for the next time.
 *
 * Owners that are gone are locked first: one that has beaten since, or beats just then, keeps its runs. `offset 0` keeps Postgres
 * from planning across it: whatever it knows of the table, each run is looked up by its index.
 */
export function selectAndGive(
  tables: Tables,
  taker: Taker,
  filter: TakeFilter,
  masters: readonly string[] | null,
  { width, isGuarded }: Width,
): Statement {
  const { now, gone, definitions, except, only, order = 'urgent', limit, tenant } = filter
  const { inbox, line_changes: changes, lines, meta, owners, runs } = tables
  const values: unknown[] = [taker.owner, taker.heartbeat]
  const given = (value: unknown): string => `$${values.push(value)}`
  const columns = ORDERS[only === 'suspects' ? only : order]
  const by = columns.join(', ')
  const found = only === 'suspects' || order === 'urgent' ? by : FOUND[order]
  const soundness = { sound: [`not ${SUSPECT}`], suspects: [SUSPECT] }
  const whose = tenant === undefined ? [] : [`tenant = ${given(tenant)}`]
  const at = given(now)
  const left = [
    ...whose,
    `id <> all(${given(except)}::text[])`,
    `(deadline_at is null or deadline_at > ${at}::bigint)`,
    `(expire_at is null or expire_at > ${at}::bigint or status <> 'queued')`,
    ...(only === undefined ? [] : soundness[only]),
  ].join(' and ')
  const wide = given(width)
  const most = `order by ${by} limit ${wide}`
  const named = `unnest(${given(gone.map(({ owner }) => owner))}::text[], ${given(gone.map(({ heartbeat }) => heartbeat))}::bigint[])`
  const kinds = given(definitions.map(({ kind }) => kind))
  const names = given(definitions.map(({ name }) => name))
  const each = (of: string, where: string): string =>
    `(select r.* from ${of} cross join lateral (select ${SEEN} from ${runs} o where ${where} and ${left} offset 0) r ${most})`
  const sorts = [
    ...definitions.map(
      ({ kind, name }) => `
      (select ${SEEN} from ${runs} where ${RUNNABLE} and (status = 'running' or wake_at is null or wake_at <= ${at}::bigint)
        and kind = ${given(kind)} and name = ${given(name)} and ${left} order by ${found} limit ${wide})`,
    ),
    each(
      'gone',
      `owner = gone.owner and status in ('queued', 'running') and ended_at is null and (kind, name) in (select * from mine)`,
    ),
    each(
      'mine',
      `kind = mine.kind and name = mine.name and status = 'waiting' and wake_at is not null and wake_at <= ${at} and ${FREE} and ${hasRoom(tables, 'o')}`,
    ),
    each(
      `(select distinct run from ${inbox}) mail`,
      `run = mail.run and status = 'waiting' and (wake_at is null or wake_at > ${at}) and ${FREE}
        and waiting_kind is distinct from 'interrupted' and (kind, name) in (select * from mine) and ${hasRoom(tables, 'o')}`,
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
    behind as materialized (
      select ${isGuarded ? `exists (${dueOf(tables, `${at}::bigint`)}) or exists (select 1 from ${changes})` : 'false'} as is_behind
    ),
    free as materialized (
      select * from (${sorts.join(' union all ')}) every where not (select is_behind from behind)
        ${masters ? `and (select masters <@ ${given(masters)}::text[] from ${meta})` : ''}
        ${most}
    ),
    seen as materialized (
      select line, turn from ${lines} where line in (select line from free where line is not null and owner is null)
    ),
    turns as materialized (
      select l.line, ${heldIn(tables, 'l.line')} as held from seen cross join lateral (
        select l.line from ${lines} l where l.line = seen.line and l.turn = seen.turn for update of l skip locked
      ) l
    ),
    fitting as materialized (
      select free.* from (
        select *, count(*) filter (where owner is null) over (partition by line order by ${by} rows unbounded preceding) as place
          from free
      ) free left join turns using (line)
        where free.line is null or free.owner is not null or held + place <= concurrency_limit
        order by ${by}
    ),
    picked as materialized (
      select r.run, r.owner from fitting free
        cross join lateral (select r.run, r.owner from ${runs} r where ${AS_SEEN} for no key update of r skip locked) r
        limit ${given(limit)}
    ),
    ${give(tables, columns.map((column) => `taken.${column}`).join(', '), {
      seen: '(select count(*) from free)',
      missed:
        '(select count(*) from free where line is not null and owner is null and line not in (select line from turns))',
      is_behind: '(select is_behind from behind)',
    })}`
  return { text, values }
}

/**
 * The statement that gives one run, where it stands as it was seen. One that nobody owns and that has a key is given only where
 * its line is locked by the transaction already, and by the room there is, unless it is taken to be ended.
 */
export function selectOneAndGive(
  tables: Tables,
  taker: Taker,
  seen: SeenRun,
  masters: readonly string[] | null,
  isLineHeld = false,
): Statement {
  const { meta, owners, runs } = tables
  const lineless = '(r.owner is not null or r.line is null)'
  const room = taker.ends ? 'true' : hasRoom(tables, 'r')
  // Its owner is locked before it: one that beats just then has beaten since.
  const text = `
    with beaten as materialized (
      select o.beat from ${owners} o where o.owner = (select owner from ${runs} where id = $3) for no key update of o
    ),
    picked as materialized (
      select r.run, r.owner from ${runs} r
        where r.id = $3 and r.epoch = $4 and r.ended_at is null and ${isLineHeld ? room : lineless}
          and case when r.owner is null then $5::bigint is null else coalesce((select beat from beaten), 0) = $5 end
          ${masters ? `and (select masters <@ $6::text[] from ${meta})` : ''}
        for no key update of r
    ),
    ${give(tables, 'taken.run', { seen: '1', missed: '0', is_behind: 'false' })}`
  return {
    text,
    values: [taker.owner, taker.heartbeat, seen.id, seen.epoch, seen.ownerHeartbeat, ...(masters ? [masters] : [])],
  }
}

/** Gives runs to whoever has room for them. */
export class Take {
  readonly #db: Database
  readonly #lineages: Lineages
  readonly #lines: Lines

  constructor(db: Database, lineages: Lineages) {
    this.#db = db
    this.#lineages = lineages
    this.#lines = new Lines(db)
  }

  /** As the store's. */
  async claim(seen: SeenRun, taker: Taker): Promise<RunRow | undefined> {
    const { tables } = this.#db
    const masters = this.#lineages.given
    const { rows } = await this.#give(this.#db, selectOneAndGive(tables, taker, seen, masters))
    if (rows[0]) return rows[0]
    const [found] = await this.#db.query<{ line: string }>(
      `select line from ${tables.runs} where id = $1 and epoch = $2 and ended_at is null and owner is null and line is not null`,
      [seen.id, seen.epoch],
    )
    if (found === undefined) return undefined
    return this.#db.transaction(async (tx) => {
      await lockLines(tx, tables, [found.line])
      const given = await this.#give(tx, selectOneAndGive(tables, taker, seen, masters, true))
      return given.rows[0]
    })
  }

  /** As the store's. */
  async take(taker: Taker, filter: TakeFilter): Promise<readonly RunRow[]> {
    const { tables } = this.#db
    let look = { width: filter.limit + SPARE, isGuarded: true }
    for (let tries = 1; ;) {
      const { text, values } = selectAndGive(tables, taker, filter, this.#lineages.given, look)
      const given = this.#given(await this.#db.queryAgain<GivenRecord>(text, values))
      if (given.rows.length > 0) return given.rows
      if (given.isBehind) {
        await this.#lines.advance(filter)
        look = { ...look, isGuarded: false }
      } else if (given.missed > 0 && tries < TRIES) tries++
      // Others have locked all that was looked at: there may be more behind it.
      else if (given.seen === look.width) look = { ...look, width: look.width * 8 }
      else return []
    }
  }

  async #give(from: Queryable, { text, values }: Statement): Promise<Given> {
    return this.#given(await from.query<GivenRecord>(text, values))
  }

  #given(records: readonly GivenRecord[]): Given {
    const [first] = records
    this.#lineages.refuseOthers(first?.masters ?? [])
    const { seen = 0, missed = 0, is_behind: isBehind = false } = first ?? {}
    return { rows: givenRows(records), seen, missed, isBehind }
  }
}

/** What was given, and what was found on the way. */
interface Given extends Pick<GivenRecord, 'seen' | 'missed'> {
  readonly rows: readonly RunRow[]
  readonly isBehind: boolean
}
