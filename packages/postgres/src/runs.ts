import { NO_TOTALS } from '@reprise/core'
import type { RunFilter, RunRow, Used } from '@reprise/core'
import { conditionsOf, type Conditions } from './conditions.ts'
import type { Database } from './database.ts'
import { unknownRun } from './errors.ts'
import { decodeRun, runColumns } from './rows.ts'
import type { RunRecord } from './rows.ts'
import type { Statement } from './statement.ts'
import type { Tables } from './tables.ts'

const DEFAULT_LIMIT = 100

/** The condition that each part of a filter makes of its value; `limit` and `order` make none. */
const CONDITIONS: Conditions<Exclude<keyof RunFilter, 'limit' | 'order' | 'after'>> = {
  status: (value) => `status = ${value}`,
  name: (value) => `name = ${value}`,
  tag: (value) => `tags <> '{}' and tags @> array[${value}]::text[]`,
  tenant: (value) => `tenant = ${value}`,
  user: (value) => `user_id = ${value}`,
  parentId: (value) => `parent_id = ${value}`,
  forkOf: (value) => `fork_of = ${value}`,
  sessionId: (value) => `session_id = ${value}`,
  createdFrom: (value) => `created_at >= ${value}`,
  createdBefore: (value) => `created_at < ${value}`,
}

/** The statement that gives a page of runs. It reads no more of an index than the page needs. */
export function selectPage({ runs }: Tables, filter: RunFilter): Statement {
  const values: unknown[] = []
  const given = (value: unknown): string => `$${values.push(value)}`
  const where = conditionsOf(CONDITIONS, filter, given)
  const isNewest = filter.order === 'newest'
  // The turns of a session were created in their order, and are read so.
  if (filter.after !== undefined)
    where.push(`run ${isNewest ? '<' : '>'} (select run from ${runs} where id = ${given(filter.after)})`)
  const text = `select ${runColumns()} from ${runs} where ${['true', ...where].join(' and ')}
    order by ${filter.sessionId === undefined ? 'run' : 'turn'}${isNewest ? ' desc' : ''} limit ${given(filter.limit ?? DEFAULT_LIMIT)}`
  return { text, values }
}

/** A sum, as the database gives it. */
type UsedRecord = Required<Used> & { readonly top: string }

/**
 * The runs that came of each, and what they used together: the rounds before it, and then, by the parents, all below it and
 * them. Sums are numbers of JavaScript, which may be larger than a bigint.
 */
function selectUsed({ runs }: Tables): string {
  const seeds = (run: string, counts: boolean): string =>
    `top.id as top, ${run}.run, ${run}.id, ${counts} as counts, ${hasBelow(run)} as below`
  return `
    with recursive given as (select * from ${runs} where id = any($1)),
    of_each as (
      (
        select ${seeds('top', false)} from given top
        union
        select ${seeds('before', true)} from given top join ${runs} before on before.root = top.root and before.round < top.round
          where top.round > 1 and before.round > 1
        union
        select ${seeds('first', true)} from given top join ${runs} first on first.id = top.root where top.round > 1
      )
      union
      select up.top, down.run, down.id, true, ${hasBelow('down')} from of_each up
        cross join lateral (select run, id, kind, totals from ${runs} r where r.parent_id = up.id offset 0) down
        where up.below
    )
    select top, ${sums('turns', 'calls', 'inputTokens', 'cachedTokens', 'outputTokens', 'costNano', 'unpriced', 'estimated', 'refused')}
      from of_each join ${runs} r using (run) where counts group by top`
}

/** Whether what came of a run is not in its own row, as it is in that of a workflow of before 0.2. */
function hasBelow(run: string): string {
  return `(${run}.kind <> 'workflow' or (${run}.totals::json ->> 'turns')::float8 = 0)`
}

function sums(...names: readonly (keyof Used)[]): string {
  return names.map((name) => `coalesce(sum((r.totals::json ->> '${name}')::float8), 0) as "${name}"`).join(', ')
}

/** Reads runs' rows. */
export class Runs {
  readonly #db: Database
  readonly #used: string

  constructor(db: Database) {
    this.#db = db
    this.#used = selectUsed(db.tables)
  }

  /** As the store's `run`. */
  async get(runId: string): Promise<RunRow | undefined> {
    return this.#first(`select ${runColumns()} from ${this.#db.tables.runs} where id = $1`, runId)
  }

  /** As the store's `newest`. */
  async newest(root: string): Promise<RunRow | undefined> {
    const { runs } = this.#db.tables
    return this.#first(
      `(select ${runColumns()} from ${runs} where root = $1 and round > 1 order by round desc limit 1)
        union all (select ${runColumns()} from ${runs} where id = $1 and root is null) order by round desc limit 1`,
      root,
    )
  }

  /** As the store's `used`. */
  async used(runIds: readonly string[]): Promise<readonly Used[]> {
    const records = await this.#db.query<UsedRecord>(this.#used, [runIds])
    const found = new Map(records.map(({ top, ...used }) => [top, used]))
    return runIds.map((id) => {
      const { estimated = 0, refused = 0, ...used } = found.get(id) ?? NO_TOTALS
      return { ...used, ...(estimated > 0 && { estimated }), ...(refused > 0 && { refused }) }
    })
  }

  /** As the store's `runs`. */
  async list(filter: RunFilter): Promise<readonly RunRow[]> {
    const { text, values } = selectPage(this.#db.tables, filter)
    const records = await this.#db.query<RunRecord>(text, values)
    // The last page is empty as well.
    if (records.length === 0 && filter.after !== undefined && !(await this.get(filter.after)))
      throw unknownRun(this.#db.name, filter.after)
    return records.map(decodeRun)
  }

  async #first(text: string, value: string): Promise<RunRow | undefined> {
    const [record] = await this.#db.query<RunRecord>(text, [value])
    return record && decodeRun(record)
  }
}
