import type { OwnerBeat, RunFilter, RunRow } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { unknownRun } from './errors.ts'
import { SELECT_READY } from './ready.ts'
import type { ReadyParams } from './ready.ts'
import { decodeRun, RUN_COLUMNS } from './rows.ts'
import type { RunRecord } from './rows.ts'

const DEFAULT_LIMIT = 100

/** The condition that each part of a filter makes; `limit` makes none. */
const CONDITIONS: Record<Exclude<keyof RunFilter, 'limit'>, string> = {
  status: 'status = @status',
  name: 'name = @name',
  tag: 'exists (select 1 from json_each(tags) where value = @tag)',
  parentId: 'parent_id = @parentId',
  after: 'run > (select run from runs where id = @after)',
}

/** Reads runs' rows, and tells which of them live and which may be taken up. */
export class Runs {
  readonly #db: SqliteDatabase
  readonly #path: string
  readonly #select
  readonly #beat
  readonly #owners
  readonly #ready

  constructor(db: SqliteDatabase, path: string) {
    this.#db = db
    this.#path = path
    this.#select = db.prepare<[id: string], RunRecord>(`select ${RUN_COLUMNS} from runs where id = ?`)
    this.#beat = db.prepare<[beat: number, owner: string], { id: string }>(
      'update runs set beat = ? where owner = ? and ended_at is null returning id',
    )
    this.#owners = db.prepare<[], OwnerBeat>(
      'select owner, max(beat) as beat from runs where owner is not null and ended_at is null group by owner',
    )
    this.#ready = db.prepare<[ReadyParams], RunRecord>(SELECT_READY)
  }

  /** As the store's `run`. */
  get(runId: string): RunRow | undefined {
    const record = this.#select.get(runId)
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

  /** As the store's `beat`. */
  beat(owner: string, beat: number): readonly string[] {
    return this.#beat.all(beat, owner).map(({ id }) => id)
  }

  /** As the store's `owners`. */
  owners(): readonly OwnerBeat[] {
    return this.#owners.all()
  }

  /** As the store's `ready`. */
  ready(now: number, gone: readonly string[], limit: number): readonly RunRow[] {
    return this.#ready.all({ now, gone: JSON.stringify(gone), limit }).map(decodeRun)
  }
}
