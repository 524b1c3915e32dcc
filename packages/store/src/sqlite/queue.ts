import type { QueueRow } from '@reprise/core'
import type { SqliteDatabase } from './database.ts'

/** How runs stand: what they are grouped by. */
type Standing = Pick<QueueRow, 'kind' | 'name' | 'status' | 'waiting'>

interface Now {
  /** Milliseconds since 1970. */
  readonly now: number
}

const WAITING = "waiting ->> '$.kind'"
const STANDING = `kind, name, status, ${WAITING} as waiting`

/** Runs that nobody owns, read off an index that has no others: `first` is the oldest of those that no time is set for. */
const IDLE = `
  select ${STANDING}, count(*) as runs, count(wake_at) filter (where wake_at <= @now) as due,
      min(wake_at) filter (where wake_at <= @now) as due_since,
      count(*) filter (where wake_at is null) as untimed, min(run) filter (where wake_at is null) as first
    from runs indexed by runs_idle where owner is null and ended_at is null
    group by status, kind, name, ${WAITING}`

/** The same of those that somebody owns. */
const OWNED = `
  select ${STANDING}, count(*) as owned from runs indexed by runs_owner
    where owner is not null and ended_at is null group by status, kind, name, ${WAITING}`

/** Those that wait, and have a message to go on with: there are as few as there are messages. */
const MAIL = `
  select ${STANDING}, count(*) as mail, min(since) as mail_since
    from (select run, min(at) as since from inbox group by run) cross join runs using (run)
    where owner is null and ended_at is null and status = 'waiting' and (wake_at is null or wake_at > @now)
      and ${WAITING} is not 'interrupted'
    group by status, kind, name, ${WAITING}`

/** When the last entry was written of those that were given back. */
const GIVEN_BACK = `
  select min((select at from entries where entries.run = runs.run order by seq desc limit 1))
    from runs indexed by runs_idle
    where owner is null and ended_at is null and status = 'running' and kind = @kind and name = @name and wake_at is null`

interface Idle extends Standing {
  readonly runs: number
  readonly due: number
  readonly due_since: number | null
  readonly untimed: number
  readonly first: number | null
}

interface Owned extends Standing {
  readonly owned: number
}

interface Mail extends Standing {
  readonly mail: number
  readonly mail_since: number
}

/** The statements that count, for those who look at how they are planned. */
export const QUEUE_STATEMENTS = { IDLE, OWNED, MAIL, GIVEN_BACK } as const

/** Counts the runs that have not ended, by how they stand. What it asks is prepared by the first who wants to know. */
export class Queue {
  readonly #db: SqliteDatabase
  #count: ((now: number) => readonly QueueRow[]) | undefined

  constructor(db: SqliteDatabase) {
    this.#db = db
  }

  /** As the store's `queue`. */
  count(now: number): readonly QueueRow[] {
    this.#count ??= countWith(this.#db)
    return this.#count(now)
  }
}

function countWith(db: SqliteDatabase): (now: number) => readonly QueueRow[] {
  const idle = db.prepare<[Now], Idle>(IDLE)
  const owned = db.prepare<[], Owned>(OWNED)
  const mail = db.prepare<[Now], Mail>(MAIL)
  const givenBack = db.prepare<[Standing], number | null>(GIVEN_BACK).pluck()
  const createdAt = db.prepare<[run: number | null], number>('select created_at from runs where run = ?').pluck()
  const untimedSince = (found: Idle): number | null =>
    (found.status === 'running' ? givenBack.get(found) : createdAt.get(found.first)) ?? null
  // One moment for all of them.
  return db.transaction((now: number): readonly QueueRow[] => {
    const rows = new Map<string, QueueRow>()
    for (const found of idle.all({ now })) {
      const isRunnable = found.status === 'queued' || found.status === 'running'
      const isTaken = isRunnable || found.status === 'waiting'
      const ready = (isTaken ? found.due : 0) + (isRunnable ? found.untimed : 0)
      const since = [isTaken ? found.due_since : null, isRunnable && found.untimed > 0 ? untimedSince(found) : null]
      add(rows, found, { runs: found.runs, owned: 0, ready, readySince: earliest(since) })
    }
    for (const found of owned.all())
      add(rows, found, { runs: found.owned, owned: found.owned, ready: 0, readySince: null })
    for (const found of mail.all({ now }))
      add(rows, found, { runs: 0, owned: 0, ready: found.mail, readySince: found.mail_since })
    return [...rows.values()]
  })
}

function add(
  rows: Map<string, QueueRow>,
  { kind, name, status, waiting }: Standing,
  more: Omit<QueueRow, keyof Standing>,
): void {
  const key = JSON.stringify([kind, name, status, waiting])
  const { runs = 0, owned = 0, ready = 0, readySince = null } = rows.get(key) ?? {}
  rows.set(key, {
    kind,
    name,
    status,
    waiting,
    runs: runs + more.runs,
    owned: owned + more.owned,
    ready: ready + more.ready,
    readySince: earliest([readySince, more.readySince]),
  })
}

function earliest(moments: readonly (number | null)[]): number | null {
  return moments.reduce((first, at) => (first === null || (at !== null && at < first) ? at : first), null)
}
