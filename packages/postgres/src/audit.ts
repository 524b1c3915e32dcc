import type { AuditEntry, AuditFilter, AuditNote } from '@reprise/core'
import { conditionsOf, type Conditions } from './conditions.ts'
import type { Database } from './database.ts'
import type { Statement } from './statement.ts'
import type { Tables } from './tables.ts'
import { checkNotes } from './texts.ts'

const DEFAULT_LIMIT = 100

interface AuditRecord extends Omit<AuditEntry, 'by' | 'runId' | 'lineageId'> {
  readonly by_id: string
  readonly by_source: string
  readonly run_id: string | null
  readonly lineage_id: string | null
}

const COLUMNS = 'at, action, by_id, by_source, run_id, lineage_id, tenant, what'

/** The condition that each part of a filter makes of its value; `limit`, `order` and `after` make none by themselves. */
const CONDITIONS: Conditions<Exclude<keyof AuditFilter, 'limit' | 'order' | 'after'>> = {
  runId: (value) => `run_id = ${value}`,
  lineageId: (value) => `lineage_id = ${value}`,
  tenant: (value) => `tenant = ${value}`,
  by: (value) => `by_id = ${value}`,
  action: (value) => `action = ${value}`,
  from: (value) => `at >= ${value}`,
  before: (value) => `at < ${value}`,
}

/** The statement that gives a page of the audit. */
export function selectAudit({ audit }: Tables, filter: AuditFilter): Statement {
  const values: unknown[] = []
  const given = (value: unknown): string => `$${values.push(value)}`
  const where = conditionsOf(CONDITIONS, filter, given)
  const isNewest = filter.order === 'newest'
  if (filter.after !== undefined) where.push(`id ${isNewest ? '<' : '>'} ${given(filter.after)}`)
  const text = `select id, ${COLUMNS} from ${audit} where ${['true', ...where].join(' and ')}
    order by id${isNewest ? ' desc' : ''} limit ${given(filter.limit ?? DEFAULT_LIMIT)}`
  return { text, values }
}

/** Notes as a statement of `insertNotes` is given them; `n` is a number that it may join by. */
export function noteRecords(notes: readonly { readonly note: AuditNote; readonly n?: number }[]): string {
  const records = notes.map(({ note: { by, runId, lineageId, ...note }, n }, place) => {
    return { n, place, ...note, by_id: by.id, by_source: by.source, run_id: runId, lineage_id: lineageId }
  })
  return JSON.stringify(records)
}

/**
 * The statement that keeps notes, in their order.
 *
 * @param given what stands for them in the statement.
 * @param only what they, as `a`, are joined with: those that it does not find are left out.
 */
export function insertNotes({ audit }: Tables, given: string, only = ''): string {
  return `insert into ${audit} (${COLUMNS}) select ${COLUMNS.replaceAll(/\w+/g, 'a.$&')}
    from json_to_recordset(${given}::text::json) a (n bigint, place int, at bigint, action text, by_id text, by_source text,
      run_id text, lineage_id text, tenant text, what text) ${only} order by a.place`
}

/** Who did what. Nothing but `prune` ever takes any of it away. */
export class Audit {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** As the store's `note`. */
  async append(notes: readonly AuditNote[]): Promise<void> {
    checkNotes(this.#db.name, notes)
    await this.#db.query(insertNotes(this.#db.tables, '$1'), [noteRecords(notes.map((note) => ({ note })))])
  }

  /** As the store's `audit`. */
  async list(filter: AuditFilter): Promise<readonly AuditEntry[]> {
    const { text, values } = selectAudit(this.#db.tables, filter)
    const records = await this.#db.query<AuditRecord>(text, values)
    return records.map(({ by_id: id, by_source: source, run_id: runId, lineage_id: lineageId, ...note }) => ({
      ...note,
      by: { id, source },
      runId,
      lineageId,
    }))
  }

  /** As the store's `pruneAudit`. */
  async prune(before: number, limit: number): Promise<number> {
    const { audit } = this.#db.tables
    const [done] = await this.#db.query<{ pruned: number }>(
      `with gone as (
        delete from ${audit} where id in (select id from ${audit} where at < $1 order by at, id limit $2) returning 1
      )
      select count(*) as pruned from gone`,
      [before, limit],
    )
    return done?.pruned ?? 0
  }
}
