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

/** A run that may go, where its parent is not in its way. */
interface Found {
  readonly run: number
  readonly id: string
  readonly lineage_id: string
  readonly key_id: string | null
  /** The number of its parent, where that is there. */
  readonly parent: number | null
  readonly is_going: boolean
  /** How much there is to be deleted. */
  readonly weight: number
}

/** What came of a bite: what was deleted, how many of the candidates are done with, and the one that takes longer. */
interface Bitten {
  readonly deleted: readonly Found[]
  readonly done: number
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
 * longer is marked first: `erased_at` without `erased_by` says that it is being deleted. From then on nobody reads or writes
 * it, nothing takes its id, and it goes whatever is asked for, with this cleaning up or with the next one.
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
    while (runs.length > 0 && deleted.length < limit) {
      const batch = runs.slice(0, RUNS)
      const bitten = await this.#db.transaction((tx) => this.#bite(tx, batch, wanted, limit - deleted.length))
      await dropUnusedKeys(this.#db, this.#lineages, keysOf(bitten.deleted))
      if (bitten.large !== undefined) await this.#deletion.clear([bitten.large])
      deleted.push(...bitten.deleted.map(({ id }) => id))
      runs = runs.slice(bitten.done)
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
    const found = new Map((await this.#mayGo(tx, runs, wanted)).map((run) => [run.run, run]))
    const deleted: Found[] = []
    let weight = 0
    let done = 0
    for (const number of runs) {
      const run = found.get(number)
      // Parents are older than their children, and gone before these are looked at.
      const isFree = run && (run.parent === null || run.is_going || deleted.some((other) => other.run === run.parent))
      if (isFree) {
        weight += run.weight
        if (weight > BITE || deleted.length === limit) break
        deleted.push(run)
      }
      done++
    }
    const large = deleted.length === 0 ? found.get(runs[done] ?? 0) : undefined
    if (large) {
      await tx.query(
        `update ${table} set erased_at = ended_at, epoch = epoch + 1, owner = null where run = $1 and erased_at is null`,
        [large.run],
      )
      return { deleted, done, large: large.run }
    }
    if (deleted.length > 0)
      await this.#deletion.delete(
        tx,
        deleted.map(({ run }) => run),
      )
    await this.#dropSecrets(tx, ids)
    return { deleted, done }
  }

  /**
   * Those of some runs that may be deleted, locked; what somebody writes to just then is left. A child stays as long as its
   * parent is there, whose totals it is part of; the first of several rounds, by whose id all are known, and those just before
   * the newest as long as that one.
   */
  #mayGo(tx: Queryable, runs: readonly number[], { before, statuses }: Wanted): Promise<readonly Found[]> {
    const { blob_refs: refs, entries, inbox, runs: table } = this.#db.tables
    const isGoing = 'own.erased_at is not null and own.erased_by is null'
    return tx.query<Found>(
      `select own.run, own.id, own.lineage_id, own.key_id, ${isGoing} as is_going,
        (select run from ${table} parent where parent.id = own.parent_id) as parent,
        (select coalesce(max(seq) + 1, 0) from ${entries} e where e.run = own.run)
          + (select count(*) from ${refs} r where r.run = own.run)
          + (select count(*) from ${inbox} i where i.run = own.run) as weight
      from ${table} own
      where own.run = any($1) and ((${isGoing}) or (
        own.ended_at < $2 and own.status = any($3)
        and not exists (
          select 1 from (
            select round, status, ended_at from ${table}
              where root = coalesce(own.root, own.id) and round > 1 order by round desc limit 1
          ) newest
          where (own.round = 1 or (own.round < newest.round and own.round >= newest.round - ${KEPT_CONTINUATIONS}))
            and (newest.ended_at is null or newest.ended_at >= $2 or newest.status <> all($3))
        )
      ))
      for update of own skip locked`,
      [runs, before, statuses],
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

/** The keys of the lineages that some runs were of, by the ids of those. */
function keysOf(runs: readonly Found[]): ReadonlyMap<string, string> {
  return new Map(runs.flatMap(({ lineage_id: id, key_id: key }) => (key === null ? [] : [[id, key]])))
}
