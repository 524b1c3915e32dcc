import { setImmediate } from 'node:timers/promises'
import { type EndedStatus, KEPT_CONTINUATIONS } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { BATCH_MS, Deletion } from './deletion.ts'
import type { Lineages } from './lineages.ts'

/** How many candidates are looked up before others get their turn: they are read from an index alone. */
const PAGE = 5_000

/** Of everybody's runs, or of one tenant's: those of others are not read for it. */
const selectCandidates = (index: 'runs_ended' | 'runs_tenant_ended'): string => `
  select run, ended_at from runs indexed by ${index}
  where ${index === 'runs_ended' ? 'true' : 'tenant = cast(@tenant as text)'} and status = @status and ended_at < @before and ended_at >= @from and (ended_at > @from or run > @after)
  order by ended_at, run limit ${PAGE}`

/**
 * What holds of a run that may be deleted: a child stays as long as its parent is there, whose totals it is part of; the
 * first of several rounds, by whose id all are known, and those just before the newest as long as that one. Parents are
 * older than their children, and gone before these are looked at.
 */
const MAY_GO = `
  ended_at < @before and status in (select value from json_each(@statuses))
  and not exists (select 1 from runs as parent where parent.id = own.parent_id)
  and not exists (
    select 1 from (
      select round, status, ended_at from runs
      where root = coalesce(own.root, own.id) and round > 1 order by round desc limit 1
    ) as newest
    where (own.round = 1 or (own.round < newest.round and own.round >= newest.round - ${KEPT_CONTINUATIONS}))
      and (newest.ended_at is null or newest.ended_at >= @before
        or newest.status not in (select value from json_each(@statuses))))`

/** A tag that no run is given, since none has U+0000: by it those are found that an earlier cleaning up has left half deleted. */
const GOING_TAG = 'char(0)'

/** What is to be cleaned up. */
export interface Wanted {
  /** Milliseconds since 1970. */
  readonly before: number
  readonly statuses: readonly EndedStatus[]
  /** Whose runs alone; null for everybody's. */
  readonly tenant: string | null
}

/** Where looking for candidates of one status has come to. */
interface Place {
  readonly status: EndedStatus
  readonly before: number
  readonly from: number
  readonly after: number
  readonly tenant: string | null
}

interface Candidate {
  readonly run: number
  readonly ended_at: number
}

interface Found {
  readonly id: string
  readonly lineage_id: string
}

interface Params {
  readonly run: number
  readonly before: number
  /** A JSON array. */
  readonly statuses: string
}

/**
 * Cleans up what has ended: for a moment at a time, so that neither the event loop nor another's write waits for long. A run
 * that takes longer is marked first: `erased_at` without `erased_by` says that it is being deleted. From then on nobody
 * reads or writes it, nothing takes its id, and it goes whatever is asked for, with this cleaning up or with the next one.
 */
export class Gc {
  readonly #candidates
  readonly #ofTenant
  readonly #going
  readonly #collect
  readonly #dropKeys

  constructor(db: SqliteDatabase, lineages: Lineages) {
    const deletion = new Deletion(db)
    this.#candidates = db.prepare<[Place], Candidate>(selectCandidates('runs_ended'))
    this.#ofTenant = db.prepare<[Place], Candidate>(selectCandidates('runs_tenant_ended'))
    this.#going = db
      .prepare<[{ tenant: string | null }], number>(
        `select run from run_tags cross join runs using (run) where tag = ${GOING_TAG} and (@tenant is null or tenant = @tenant)`,
      )
      .pluck()
    const find = db.prepare<[Params], Found>(
      `select id, lineage_id from runs as own
        where run = @run and ((erased_at is not null and erased_by is null) or (${MAY_GO}))`,
    )
    const mark = db.prepare<[run: number]>(
      'update runs set erased_at = ended_at, epoch = epoch + 1, owner = null where run = ? and erased_at is null',
    )
    const tag = db.prepare<[run: number]>(`insert or ignore into run_tags (tag, run) values (${GOING_TAG}, ?)`)
    const left = db
      .prepare<[string, string, string], number>(
        `select 1 from runs where id = ? union all select 1 from runs where lineage_id = ? and lineage_id <> id
          union all select 1 from early where run_id = ? limit 1`,
      )
      .pluck()
    const deleteSecrets = db.prepare<[string]>('delete from secrets where lineage_id = ?')
    const gone = (lineageIds: readonly string[]): string[] =>
      lineageIds.filter((id) => left.get(id, id, id) === undefined)
    this.#collect = db.transaction((runs: readonly number[], { before, statuses }: Wanted, limit: number) => {
      const until = performance.now() + BATCH_MS
      const params = { before, statuses: JSON.stringify(statuses) }
      const deleted: Found[] = []
      const touched: string[] = []
      let done = 0
      while (done < runs.length && deleted.length < limit && (done === 0 || performance.now() < until)) {
        const run = runs[done] ?? 0
        const found = find.get({ ...params, run })
        if (found) touched.push(found.id)
        if (found && !deletion.clear(run, until)) {
          mark.run(run)
          tag.run(run)
          break
        }
        done++
        if (!found) continue
        deletion.delete(run)
        deleted.push(found)
      }
      const lineageIds = gone([...new Set(deleted.map(({ lineage_id }) => lineage_id))])
      for (const id of lineageIds) deleteSecrets.run(id)
      return { ids: deleted.map(({ id }) => id), touched, lineageIds, done }
    })
    // Once it is certain that nothing is left: until then a run of the same id may have begun.
    this.#dropKeys = db.transaction((lineageIds: readonly string[]) => lineages.drop(gone(lineageIds)))
  }

  /** The numbers of the runs that may be deleted, and of those that are half deleted, in the order of their creation. */
  async candidates({ before, statuses, tenant }: Wanted): Promise<readonly number[]> {
    const select = tenant === null ? this.#candidates : this.#ofTenant
    const runs = new Set(this.#going.all({ tenant }))
    for (const status of statuses) {
      let place: Place = { status, before, from: -Number.MAX_SAFE_INTEGER, after: 0, tenant }
      for (let page = select.all(place); page.length > 0; page = select.all(place)) {
        for (const { run } of page) runs.add(run)
        const last = page.at(-1)
        if (last === undefined || page.length < PAGE) break
        place = { ...place, from: last.ended_at, after: last.run }
        await setImmediate()
      }
    }
    return [...runs].toSorted((a, b) => a - b)
  }

  /**
   * Deletes the first of some runs, for a moment; what may no longer be deleted is left.
   *
   * @returns the ids of what was deleted, those of what is changed by it, and how many of the runs are done with.
   */
  collect(
    runs: readonly number[],
    wanted: Wanted,
    limit: number,
  ): { readonly ids: readonly string[]; readonly touched: readonly string[]; readonly done: number } {
    const { lineageIds, ...collected } = this.#collect.immediate(runs, wanted, limit)
    if (lineageIds.length > 0) this.#dropKeys.immediate(lineageIds)
    return collected
  }
}
