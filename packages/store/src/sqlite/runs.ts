import { NO_TOTALS } from '@reprise/core'
import type { RunFilter, RunRow, Used } from '@reprise/core'
import type { SqliteDatabase, SqliteStatement } from './database.ts'
import { unknownRun } from './errors.ts'
import { decodeRun, RUN_COLUMNS } from './rows.ts'
import type { RunRecord } from './rows.ts'

const DEFAULT_LIMIT = 100

/**
 * The condition that each part of a filter makes; `limit` and `order` make none. Of a parameter that stands by itself SQLite
 * looks at the value, and makes its plan anew with each.
 */
const CONDITIONS: Record<Exclude<keyof RunFilter, 'limit' | 'order' | 'after'>, string> = {
  status: 'status = cast(@status as text)',
  name: 'name = cast(@name as text)',
  tag: 'tag = cast(@tag as text)',
  tenant: 'tenant = cast(@tenant as text)',
  user: 'user_id = cast(@user as text)',
  parentId: 'parent_id = cast(@parentId as text)',
  forkOf: 'fork_of = cast(@forkOf as text)',
  sessionId: 'session_id = cast(@sessionId as text)',
  createdFrom: 'created_at >= cast(@createdFrom as real)',
  createdBefore: 'created_at < cast(@createdBefore as real)',
}

/** How a page goes on after a run, and in which order it is read. */
const ORDERS = {
  oldest: { after: 'run > (select run from runs where id = cast(@after as text))', by: 'run' },
  newest: { after: 'run < (select run from runs where id = cast(@after as text))', by: 'run desc' },
} as const

/**
 * What is selected from. A page of a tag is read off its index, in order, and so is one of a session; of the few children or
 * forks of a run, and of the runs of a tenant or a person, each is looked up: the runs of all others are not read.
 */
function sourceOf(filter: RunFilter): string {
  const { tag, tenant, user, status, sessionId } = filter
  const isFew = areFew(filter)
  const whose = tenant === undefined ? 'runs_user' : user !== undefined ? 'runs_tenant_user' : 'runs_tenant'
  const ofTenant = whose === 'runs_tenant' && status !== undefined ? 'runs_tenant_status' : whose
  const isWhose = tenant !== undefined || user !== undefined
  const runs =
    sessionId !== undefined
      ? 'runs indexed by runs_session'
      : isFew
        ? 'runs'
        : isWhose
          ? `runs indexed by ${ofTenant}`
          : 'runs'
  if (tag === undefined) return runs
  return isFew || isWhose ? `${runs} cross join run_tags using (run)` : 'run_tags cross join runs using (run)'
}

/** Whether what is asked for is read off an index of its own: the children or forks of a run, or the turns of a session. */
function areFew({ parentId, forkOf, sessionId }: RunFilter): boolean {
  return parentId !== undefined || forkOf !== undefined || sessionId !== undefined
}

/** Of the few children or forks of a run it is looked whose they are, and not the other way round. */
function conditionOf(part: string, sql: string, filter: RunFilter): string {
  return areFew(filter) && (part === 'tenant' || part === 'user') ? `+${sql}` : sql
}

/** The statement that gives a page of runs. It reads no more of an index than the page needs. */
export function selectPage(filter: RunFilter): string {
  const { after, by: rows } = ORDERS[filter.order ?? 'oldest']
  // The turns of a session were created in their order, and are read so.
  const by = filter.sessionId === undefined ? rows : rows.replace('run', 'turn')
  const where = Object.entries({ ...CONDITIONS, after }).flatMap(([part, sql]) =>
    filter[part as keyof RunFilter] === undefined ? [] : [conditionOf(part, sql, filter)],
  )
  return `select ${RUN_COLUMNS} from ${sourceOf(filter)} where ${['true', ...where].join(' and ')} order by ${by} limit cast(@limit as integer)`
}

/** A sum, as SQLite gives it. */
type UsedRecord = Required<Used> & { readonly top: string }

/**
 * The runs that came of each, and what they used together: the rounds before it, and then, by the parents, all below it and
 * them. `total` gives numbers that are not whole as far as SQLite is concerned: sums may be larger than its driver takes.
 */
const USED = `
  with recursive of_each (top, run, id, counts, children) as (
    select t.id, t.run, t.id, 0, t.kind <> 'workflow' or t.totals ->> '$.turns' = 0
      from json_each(?) given cross join runs t on t.id = given.value
    union
    select t.id, before.run, before.id, 1, before.kind <> 'workflow' or before.totals ->> '$.turns' = 0
      from json_each(?) given cross join runs t on t.id = given.value and t.round > 1
      cross join runs before on before.root = t.root and before.round < t.round
    union
    select t.id, first.run, first.id, 1, first.kind <> 'workflow' or first.totals ->> '$.turns' = 0
      from json_each(?) given cross join runs t on t.id = given.value and t.round > 1
      cross join runs first on first.id = t.root
    union
    select up.top, down.run, down.id, 1, down.kind <> 'workflow' or down.totals ->> '$.turns' = 0
      from of_each up cross join runs down on down.parent_id = up.id
      where up.children
  )
  select top, ${sums('turns', 'calls', 'inputTokens', 'cachedTokens', 'outputTokens', 'costNano', 'unpriced', 'estimated', 'refused')}
    from of_each join runs r on r.run = of_each.run where counts group by top`

function sums(...names: readonly (keyof Used)[]): string {
  return names.map((name) => `total(r.totals ->> '$.${name}') as ${name}`).join(', ')
}

/** Reads runs' rows. */
export class Runs {
  readonly #db: SqliteDatabase
  readonly #path: string
  readonly #select
  readonly #newest
  readonly #first
  readonly #used
  /** Pages, by their statements: there are as many as a filter has forms. */
  readonly #pages = new Map<string, SqliteStatement<[RunFilter], RunRecord>>()

  constructor(db: SqliteDatabase, path: string) {
    this.#db = db
    this.#path = path
    this.#select = db.prepare<[id: string], RunRecord>(`select ${RUN_COLUMNS} from runs where id = ?`)
    this.#newest = db.prepare<[root: string], RunRecord>(
      `select ${RUN_COLUMNS} from runs where root = ? and round > 1 order by round desc limit 1`,
    )
    this.#first = db.prepare<[id: string], RunRecord>(`select ${RUN_COLUMNS} from runs where id = ? and root is null`)
    this.#used = db.prepare<[string, string, string], UsedRecord>(USED)
  }

  /** As the store's `run`. */
  get(runId: string): RunRow | undefined {
    const record = this.#select.get(runId)
    return record && decodeRun(record)
  }

  /** As the store's `newest`. */
  newest(root: string): RunRow | undefined {
    const record = this.#newest.get(root) ?? this.#first.get(root)
    return record && decodeRun(record)
  }

  /** As the store's `used`. */
  used(runIds: readonly string[]): readonly Used[] {
    const ids = JSON.stringify(runIds)
    const found = new Map(this.#used.all(ids, ids, ids).map(({ top, ...used }) => [top, used]))
    return runIds.map((id) => {
      const { estimated = 0, refused = 0, ...used } = found.get(id) ?? NO_TOTALS
      return { ...used, ...(estimated > 0 && { estimated }), ...(refused > 0 && { refused }) }
    })
  }

  /** As the store's `runs`. */
  list(filter: RunFilter): readonly RunRow[] {
    if (filter.after !== undefined && this.get(filter.after) === undefined) throw unknownRun(this.#path, filter.after)
    return this.#pageOf(selectPage(filter))
      .all({ ...filter, limit: filter.limit ?? DEFAULT_LIMIT })
      .map(decodeRun)
  }

  /** To make a statement takes longer than to read the few children of a run. */
  #pageOf(sql: string): SqliteStatement<[RunFilter], RunRecord> {
    const known = this.#pages.get(sql)
    if (known) return known
    const made = this.#db.prepare<[RunFilter], RunRecord>(sql)
    this.#pages.set(sql, made)
    return made
  }
}
