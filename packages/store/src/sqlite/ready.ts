import { RUN_COLUMNS } from './rows.ts'

/** What `SELECT_READY` is asked with. */
export interface ReadyParams {
  /** Milliseconds since 1970. */
  readonly now: number
  /** A JSON array of owners. */
  readonly gone: string
  readonly limit: number
}

const FREE = 'ended_at is null and (owner is null or owner in (select value from json_each(@gone)))'

/**
 * The three sorts of runs that may be taken up; none is of two. Each has its index named: without statistics, SQLite
 * would go through all runs that wait. Those that can run come in the order that is asked for, so a long queue is not
 * read to its end; of those that wait, only the ones that are due or have mail are looked at.
 */
const SORTS = [
  "indexed by runs_runnable where status in ('queued', 'running')",
  "indexed by runs_wake where status = 'waiting' and wake_at <= @now",
  "not indexed where run in (select run from inbox) and status = 'waiting' and (wake_at is null or wake_at > @now)",
]

/** Selects the runs that somebody may take up now, the most urgent first. */
export const SELECT_READY = `${SORTS.map((sort) => `select ${RUN_COLUMNS} from runs ${sort} and ${FREE}`).join(' union all ')}
  order by priority desc, run limit @limit`
