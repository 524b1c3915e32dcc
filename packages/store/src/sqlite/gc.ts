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

/** Whether it is just being deleted. */
const IS_GOING = '(own.erased_at is not null and own.erased_by is null)'

/** The continuations after it that are more than so many ahead. */
const later = (by: number): string =>
  `exists (select 1 from runs as later where later.root = coalesce(own.root, own.id) and later.round > 1 and later.round > own.round + ${by})`

/**
 * A run by which others go as well, or it alone: none whose parent is there, of several continuations the newest, or one so
 * far before that one that it goes by itself, of a session its newest turn. Of one that is just being deleted nothing more is
 * asked.
 */
const SELECT_HEAD = `
  select run, iif(round = 1 or not ${later(0)}, coalesce(root, id), null) as root,
    iif(session_id is null, null, lineage_id) as lineage, iif(${IS_GOING}, 9e15, @before) as before from runs as own
  where run = @run and (${IS_GOING} or (
    ended_at < @before and status in (select value from json_each(@statuses))
    and not exists (select 1 from runs as parent where parent.id = own.parent_id)
    and (session_id is not null or substr(lineage_id, 1, 8) <> 'session ' or not exists (
      select 1 from runs as turn where turn.lineage_id = own.lineage_id and turn.session_id is not null))
    and (session_id is null or not exists (
      select 1 from runs as next where next.session_id = own.session_id and next.turn > own.turn))
    and (not ${later(0)} or (own.round > 1 and ${later(KEPT_CONTINUATIONS)}))))`

/**
 * What goes by it: where a root is said all continuations that began with that, and all runs below, the youngest first. So
 * children come before their parents, and the first, by whose id all are known and follow theirs, comes last. With a session goes
 * all that came of it, and none of that while something of it goes on, or ended too late.
 */
const SELECT_UNIT = `
  with recursive unit (run, id) as (
    select run, id from runs where run = @run or id = @root
    union select run, id from runs where root = @root and round > 1
    union select run, id from runs where lineage_id = @lineage and lineage_id <> id
    union select below.run, below.id from unit cross join runs as below on below.parent_id = unit.id
  )
  select run, id, lineage_id, ended_at is null or (@lineage is not null and parent_id is null and ended_at >= @before) as is_open from unit cross join runs using (run, id) order by run desc`

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

interface Head {
  readonly run: number
  /** Null where it goes alone, with the runs below it. */
  readonly root: string | null
  /** Of a session. */
  readonly lineage: string | null
  /** When all of it must have ended. */
  readonly before: number
}

interface Member {
  readonly run: number
  readonly id: string
  readonly lineage_id: string
  readonly is_open: 0 | 1
}

/** What was deleted, and what is left of the runs that were asked for. */
interface Collected {
  readonly ids: readonly string[]
  /** Those that are changed by it. */
  readonly touched: readonly string[]
  readonly left: readonly number[]
  /** Whether the first of those is cut short. */
  readonly isCut: boolean
}

interface Params {
  readonly run: number
  readonly before: number
  /** A JSON array. */
  readonly statuses: string
}

/**
 * Cleans up what has ended: for a moment at a time, so that neither the event loop nor another's write waits for long. A run
 * that takes longer, itself or by what goes with it, is marked first: `erased_at` without `erased_by` says that it is being
 * deleted. From then on nobody reads or writes it, nothing takes its id, and it goes whatever is asked for, with this cleaning
 * up or with the next one.
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
    const findHead = db.prepare<[Params], Head>(SELECT_HEAD)
    const findUnit = db.prepare<[Head], Member>(SELECT_UNIT)
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
    const unitOf = (params: Params): readonly Member[] => {
      const head = findHead.get(params)
      const unit = head ? findUnit.all(head) : []
      return unit.some((run) => run.is_open === 1) ? [] : unit
    }
    this.#collect = db.transaction((runs: readonly number[], { before, statuses }: Wanted, limit: number) => {
      const until = performance.now() + BATCH_MS
      const params = { before, statuses: JSON.stringify(statuses) }
      const deleted: Member[] = []
      const marked: Member[] = []
      let done = 0
      const goesOn = (): boolean => done === 0 || (deleted.length < limit && performance.now() < until)
      while (done < runs.length && goesOn()) {
        const unit = unitOf({ ...params, run: runs[done] ?? 0 })
        for (const run of unit) {
          if (run !== unit[0] && performance.now() >= until) marked.push(...unit.slice(-1))
          else if (!deletion.clear(run.run, until)) marked.push(...new Set([run, ...unit.slice(-1)]))
          if (marked.length > 0) break
          deletion.delete(run.run)
          deleted.push(run)
        }
        done++
        if (marked.length > 0) break
      }
      for (const { run } of marked) {
        mark.run(run)
        tag.run(run)
      }
      const lineageIds = gone([...new Set(deleted.map(({ lineage_id }) => lineage_id))])
      for (const id of lineageIds) deleteSecrets.run(id)
      // One that is cut short goes on by its last.
      const left = [...marked.slice(-1).map(({ run }) => run), ...runs.slice(done)]
      return {
        ids: idsOf(deleted),
        touched: idsOf([...deleted, ...marked]),
        lineageIds,
        left,
        isCut: marked.length > 0,
      }
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

  /** Deletes the first of some runs, with what goes by them, for a moment; what may no longer be deleted is passed over. */
  collect(runs: readonly number[], wanted: Wanted, limit: number): Collected {
    const { lineageIds, ...collected } = this.#collect.immediate(runs, wanted, limit)
    if (lineageIds.length > 0) this.#dropKeys.immediate(lineageIds)
    return collected
  }
}

function idsOf(members: readonly Member[]): readonly string[] {
  return members.map(({ id }) => id)
}
