import { type EndedStatus, KEPT_CONTINUATIONS } from '@reprise/core'
import type { Database, Queryable } from './database.ts'
import { BITE, Deletion } from './deletion.ts'
import type { Early } from './early.ts'
import { lockLineages } from './lineage-lock.ts'
import type { Lineages } from './lineages.ts'
import { dropUnusedKeys, isUnused } from './unused-keys.ts'
import type { Tables } from './tables.ts'

/** How many candidates are looked up at a time: they are read from an index alone. */
const PAGE = 5_000

/** How many runs one transaction deletes at most. */
const RUNS = 100

/** What is to be cleaned up. */
interface Wanted {
  /** Milliseconds since 1970. */
  readonly before: number
  readonly statuses: readonly EndedStatus[]
  /** Whose runs alone; undefined for everybody's. */
  readonly tenant: string | undefined
}

interface Candidate {
  readonly run: number
  readonly ended_at: number
}

/** A run that goes, by itself or by another. */
interface Found {
  readonly run: number
  readonly id: string
  readonly lineage_id: string
  readonly key_id: string | null
  /** How much there is to be deleted: 1 or more. */
  readonly weight: number
}

/** What came of a bite: what was deleted, and of the candidates what is left; and the run that takes longer. */
interface Bitten {
  readonly deleted: readonly Found[]
  readonly left: readonly number[]
  /** Whether the first of those is cut short. */
  readonly isCut: boolean
  readonly large?: number
}

/** The statement that gives a page of what has ended: of everybody's runs, or of one tenant's. */
export function selectEnded({ runs }: Tables, tenant: string | undefined): string {
  return `select run, ended_at from ${runs} where status = $1 and ended_at < $2 ${isOf(tenant, '$5')}
    and (ended_at, run) > ($3::bigint, $4::bigint) order by ended_at, run limit ${PAGE}`
}

function isOf(tenant: string | undefined, given: string): string {
  return tenant === undefined ? '' : `and tenant = ${given}`
}

/**
 * Cleans up what has ended, a bite at a time: no transaction is long, and no lock is held for long. A run that takes
 * longer, itself or by what goes with it, is marked first: `erased_at` without `erased_by` says that it is being deleted. From
 * then on nobody reads or writes it, nothing takes its id, and it goes whatever is asked for, with this cleaning up or with the
 * next one.
 */
export class Gc {
  readonly #db: Database
  readonly #lineages: Lineages
  readonly #early: Early
  readonly #deletion: Deletion

  constructor(db: Database, lineages: Lineages, early: Early) {
    this.#db = db
    this.#lineages = lineages
    this.#early = early
    this.#deletion = new Deletion(db)
  }

  /** As the store's. */
  async collect(
    before: number,
    statuses: readonly EndedStatus[],
    limit: number,
    tenant?: string,
  ): Promise<readonly string[]> {
    const wanted = { before, statuses, tenant }
    let runs = await this.#candidates(wanted)
    const deleted: string[] = []
    for (let isCut = false; runs.length > 0 && (isCut || deleted.length < limit);) {
      const batch = runs.slice(0, RUNS)
      const bitten = await this.#db.transaction((tx) => this.#bite(tx, batch, wanted, limit - deleted.length))
      await dropUnusedKeys(this.#db, this.#lineages, keysOf(bitten.deleted))
      if (bitten.large !== undefined) await this.#deletion.clear([bitten.large])
      deleted.push(...bitten.deleted.map(({ id }) => id))
      runs = [...bitten.left, ...runs.slice(batch.length)]
      isCut = bitten.isCut
    }
    // Whose a message will be is not known before its run is there.
    if (tenant === undefined) await this.#early.forget(before)
    return deleted
  }

  /** The numbers of the runs that may be deleted, and of those that are half deleted, in the order of their creation. */
  async #candidates({ before, statuses, tenant }: Wanted): Promise<readonly number[]> {
    const { runs } = this.#db.tables
    const whose = tenant === undefined ? [] : [tenant]
    const going = await this.#db.query<{ run: number }>(
      `select run from ${runs} where erased_at is not null and erased_by is null ${isOf(tenant, '$1')}`,
      whose,
    )
    const found = new Set(going.map(({ run }) => run))
    for (const status of statuses) {
      let last: Candidate | undefined
      do {
        const page: readonly Candidate[] = await this.#db.query<Candidate>(selectEnded(this.#db.tables, tenant), [
          status,
          before,
          last?.ended_at ?? Number.MIN_SAFE_INTEGER,
          last?.run ?? 0,
          ...whose,
        ])
        for (const { run } of page) found.add(run)
        last = page.length < PAGE ? undefined : page.at(-1)
      } while (last)
    }
    return [...found].toSorted((a, b) => a - b)
  }

  async #bite(tx: Queryable, runs: readonly number[], wanted: Wanted, limit: number): Promise<Bitten> {
    const { runs: table } = this.#db.tables
    const lineages = await tx.query<{ lineage_id: string }>(
      `select distinct lineage_id from ${table} where run = any($1)`,
      [runs],
    )
    // Nobody begins another run in one of them before it is known whether any is left.
    const ids = lineages.map(({ lineage_id: id }) => id)
    await lockLineages(tx, table, ids, 'alone')
    const units = await this.#units(tx, runs, wanted)
    const looked = new Set([...units.values()].flat().slice(0, BITE))
    const found = new Map((await this.#lock(tx, [...looked])).map((run) => [run.run, run]))
    const deleted: Found[] = []
    let weight = 0
    let done = 0
    let cut: { readonly last: number; readonly large: number | undefined } | undefined
    for (const number of runs) {
      if ((done > 0 && deleted.length >= limit) || cut) break
      const unit = units.get(number) ?? []
      // What somebody writes to just then is left, with all that would go with it.
      const isFree = !unit.some((run) => looked.has(run) && !found.has(run))
      if (isFree && unit.length > 0) {
        const fitting = firstOf(unit, found, BITE - weight)
        const isWhole = fitting.length === unit.length
        if (!isWhole && deleted.length > 0) break
        deleted.push(...fitting)
        weight += weightOf(fitting)
        if (!isWhole) cut = { last: unit.at(-1) ?? number, large: fitting.length === 0 ? unit[0] : undefined }
      }
      done++
    }
    const left = runs.slice(done)
    if (cut)
      await tx.query(
        `update ${table} set erased_at = ended_at, epoch = epoch + 1, owner = null where run = any($1) and erased_at is null`,
        [[cut.last, cut.large ?? cut.last]],
      )
    if (deleted.length > 0)
      await this.#deletion.delete(
        tx,
        deleted.map(({ run }) => run),
      )
    await this.#dropSecrets(tx, ids)
    if (cut === undefined) return { deleted, left, isCut: false }
    // It goes on by its last.
    return { deleted, left: [cut.last, ...left], isCut: true, ...(cut.large !== undefined && { large: cut.large }) }
  }

  /**
   * What goes by each of some runs, the youngest first, so that children come before their parents; none of what stays, or goes
   * by another. Those go whose parents are not there, of several continuations the newest, with all that began with the first,
   * and those that are long before it, each alone; of a session the newest turn, with all that came of it, unless some of that
   * goes on, or ended too late; and what is just being deleted.
   */
  async #units(
    tx: Queryable,
    runs: readonly number[],
    { before, statuses }: Wanted,
  ): Promise<ReadonlyMap<number, readonly number[]>> {
    const { runs: table } = this.#db.tables
    const isGoing = 'own.erased_at is not null and own.erased_by is null'
    const newest = `coalesce((select max(later.round) from ${table} later where later.root = coalesce(own.root, own.id) and later.round > 1), 1)`
    const rows = await tx.query<{ head: number; run: number; is_open: boolean }>(
      `with recursive own as materialized (
        select run, id, round, coalesce(root, id) as root, ${isGoing} as is_going,
            case when session_id is not null then lineage_id end as lineage,
            exists (select 1 from ${table} next where next.session_id = own.session_id and next.turn > own.turn)
              or (session_id is null and left(lineage_id, 8) = 'session '
                and exists (select 1 from ${table} t where t.lineage_id = own.lineage_id and t.session_id is not null)) as has_next, ${newest} as newest, ended_at, status,
            exists (select 1 from ${table} parent where parent.id = own.parent_id) as is_child
          from ${table} own where run = any($1)
      ),
      heads as materialized (
        select run, id, root, lineage, is_going, round = 1 or round = newest as is_whole from own
          where is_going or (
            ended_at < $2 and status = any($3) and not is_child and not has_next
            and (round = newest or (round > 1 and round < newest - ${KEPT_CONTINUATIONS}))
          )
      ),
      unit (head, run, id) as (
        (
          select run, run, id from heads
          union select heads.run, r.run, r.id from heads
            cross join lateral (select run, id from ${table} r where r.id = heads.root offset 0) r where is_whole
          union select heads.run, r.run, r.id from heads
            cross join lateral (select run, id from ${table} r where r.root = heads.root and r.round > 1 offset 0) r where is_whole
          union select heads.run, r.run, r.id from heads
            cross join lateral (select run, id from ${table} r where r.lineage_id = heads.lineage and r.lineage_id <> r.id offset 0) r
        )
        union select unit.head, r.run, r.id from unit
          cross join lateral (select run, id from ${table} r where r.parent_id = unit.id offset 0) r
      )
      select head, unit.run,
          r.ended_at is null or (heads.lineage is not null and not heads.is_going and r.parent_id is null and r.ended_at >= $2) as is_open
        from unit join heads on heads.run = unit.head
        cross join lateral (select ended_at, parent_id from ${table} r where r.run = unit.run offset 0) r
        order by head, unit.run desc`,
      [runs, before, statuses],
    )
    const open = new Set(rows.flatMap(({ head, is_open: isOpen }) => (isOpen ? [head] : [])))
    const units = Map.groupBy(rows, ({ head }) => head)
    return new Map([...units].flatMap(([head, of]) => (open.has(head) ? [] : [[head, of.map(({ run }) => run)]])))
  }

  /** Some runs, locked but for those that somebody else has locked. */
  #lock(tx: Queryable, runs: readonly number[]): Promise<readonly Found[]> {
    const { blob_refs: refs, entries, inbox, runs: table } = this.#db.tables
    return tx.query<Found>(
      `select own.run, own.id, own.lineage_id, own.key_id,
        (select coalesce(max(seq) + 1, 1) from ${entries} e where e.run = own.run)
          + (select count(*) from ${refs} r where r.run = own.run)
          + (select count(*) from ${inbox} i where i.run = own.run) as weight
      from ${table} own where own.run = any($1) for update of own skip locked`,
      [runs],
    )
  }

  async #dropSecrets(tx: Queryable, lineages: readonly string[]): Promise<void> {
    const { secrets, secret_counts: counts } = this.#db.tables
    const gone = isUnused(this.#db.tables, 's.lineage_id')
    await Promise.all(
      [secrets, counts].map((table) =>
        tx.query(`delete from ${table} s where s.lineage_id = any($1) and ${gone}`, [lineages]),
      ),
    )
  }
}

/** The first of some runs that are not heavier than that together; what was not looked at is. */
function firstOf(runs: readonly number[], found: ReadonlyMap<number, Found>, most: number): readonly Found[] {
  const first: Found[] = []
  let weight = 0
  for (const number of runs) {
    const run = found.get(number)
    weight += run?.weight ?? Infinity
    if (run === undefined || weight > most) break
    first.push(run)
  }
  return first
}

function weightOf(runs: readonly Found[]): number {
  return runs.reduce((sum, { weight }) => sum + weight, 0)
}

/** The keys of the lineages that some runs were of, by the ids of those. */
function keysOf(runs: readonly Found[]): ReadonlyMap<string, string> {
  return new Map(runs.flatMap(({ lineage_id: id, key_id: key }) => (key === null ? [] : [[id, key]])))
}
