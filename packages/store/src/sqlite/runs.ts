import type { RunFilter, RunRow } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { unknownRun } from './errors.ts'
import { decodeRun, RUN_COLUMNS } from './rows.ts'
import type { RunRecord } from './rows.ts'

const DEFAULT_LIMIT = 100

/** The condition that each part of a filter makes; `limit` makes none. */
const CONDITIONS: Record<Exclude<keyof RunFilter, 'limit'>, string> = {
  status: 'status = @status',
  name: 'name = @name',
  tag: 'run in (select run from run_tags where tag = @tag)',
  parentId: 'parent_id = @parentId',
  after: 'run > (select run from runs where id = @after)',
}

/** Reads runs' rows. */
export class Runs {
  readonly #db: SqliteDatabase
  readonly #path: string
  readonly #select
  readonly #newest
  readonly #first

  constructor(db: SqliteDatabase, path: string) {
    this.#db = db
    this.#path = path
    this.#select = db.prepare<[id: string], RunRecord>(`select ${RUN_COLUMNS} from runs where id = ?`)
    this.#newest = db.prepare<[root: string], RunRecord>(
      `select ${RUN_COLUMNS} from runs where root = ? and round > 1 order by round desc limit 1`,
    )
    this.#first = db.prepare<[id: string], RunRecord>(`select ${RUN_COLUMNS} from runs where id = ? and root is null`)
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

  /** As the store's `runs`. */
  list(filter: RunFilter): readonly RunRow[] {
    if (filter.after !== undefined && this.get(filter.after) === undefined) throw unknownRun(this.#path, filter.after)
    const where = Object.entries(CONDITIONS).flatMap(([part, sql]) =>
      filter[part as keyof RunFilter] === undefined ? [] : [sql],
    )
    const sql = `select ${RUN_COLUMNS} from runs where ${['true', ...where].join(' and ')} order by run limit @limit`
    return this.#db
      .prepare<[RunFilter], RunRecord>(sql)
      .all({ ...filter, limit: filter.limit ?? DEFAULT_LIMIT })
      .map(decodeRun)
  }
}
