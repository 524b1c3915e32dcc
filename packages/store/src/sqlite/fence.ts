import type { Author, OwnerHeartbeat } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'
import { MOVED } from './errors.ts'

/** What a file says of its move to another store. */
export interface Mark {
  /** What the other store is called. */
  readonly to: string
  readonly by: Author
  /** When the move was begun, in milliseconds since 1970. */
  readonly at: number
  /** Whether all is there: from then on the runs are the other store's. */
  readonly done: boolean
}

interface MarkRecord {
  readonly target: string
  readonly by_id: string
  readonly by_source: string
  readonly at: number
  readonly done: 0 | 1
}

/** All tables that anybody writes to first: whatever is asked for fails before anything of it is written. */
const TABLES = ['runs', 'entries', 'inbox', 'early', 'secrets', 'schedules', 'facts', 'audit', 'owners']
const TRIGGERS = TABLES.flatMap((table) =>
  ['insert', 'update', 'delete'].map((change) => ({ name: `moved_${table}_${change}`, table, change })),
)

/**
 * Keeps everybody from writing to a file: its triggers refuse, also in processes that have it open. What it holds stays as it
 * was, and may be read.
 */
export class Fence {
  readonly #db: SqliteDatabase

  constructor(db: SqliteDatabase) {
    this.#db = db
  }

  /** What the file says of its move; undefined where it is not moved. */
  mark(): Mark | undefined {
    if (!this.#db.prepare(`select 1 from sqlite_schema where type = 'table' and name = 'moved'`).get()) return undefined
    const found = this.#db.prepare<[], MarkRecord>('select target, by_id, by_source, at, done from moved').get()
    if (!found) return undefined
    const { target, by_id: id, by_source: source, at, done } = found
    return { to: target, by: { id, source }, at, done: done === 1 }
  }

  /** The owners of runs that have not ended, as they were heard of last. */
  owners(): readonly OwnerHeartbeat[] {
    return this.#db
      .prepare<[], OwnerHeartbeat>(
        `select owner, beat as heartbeat from owners
          where exists (select 1 from runs where runs.owner = owners.owner and ended_at is null) order by owner`,
      )
      .all()
  }

  /**
   * Closes the file, unless somebody works on it.
   *
   * @param silent the owners as they were seen long ago.
   * @returns who has been heard of since then: nothing was done, unless there is nobody.
   */
  raise({ to, by, at }: Omit<Mark, 'done'>, silent: readonly OwnerHeartbeat[]): readonly string[] {
    const raise = this.#db.transaction(() => {
      const wasSilent = new Map(silent.map(({ owner, heartbeat }) => [owner, heartbeat]))
      const alive = this.owners().filter(({ owner, heartbeat }) => wasSilent.get(owner) !== heartbeat)
      if (alive.length > 0 || this.mark()) return alive.map(({ owner }) => owner)
      this.#db.exec(
        'create table moved (target text not null, by_id text not null, by_source text not null, at integer not null, done integer not null) strict',
      )
      this.#db.prepare('insert into moved values (?, ?, ?, ?, 0)').run(to, by.id, by.source, at)
      const refusal = `'${MOVED}${to.replaceAll("'", "''")}'`
      for (const { name, table, change } of TRIGGERS)
        this.#db.exec(`create trigger ${name} before ${change} on ${table} begin select raise(abort, ${refusal}); end`)
      return []
    })
    return raise.immediate()
  }

  /** Says that all is in the other store. */
  finish(): void {
    this.#db.prepare('update moved set done = 1').run()
  }

  /** Opens the file again. */
  lower(): void {
    const lower = this.#db.transaction(() => {
      for (const { name } of TRIGGERS) this.#db.exec(`drop trigger ${name}`)
      this.#db.exec('drop table moved')
    })
    lower.immediate()
  }
}
