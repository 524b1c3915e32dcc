import type { RowChange, RunRow, Totals, Waiting } from '@reprise/core'

/** A run's row as SQLite gives it. */
export interface RunRecord {
  readonly run: number
  readonly id: string
  readonly kind: RunRow['kind']
  readonly name: string
  readonly version: number
  readonly status: RunRow['status']
  readonly waiting: string | null
  readonly tags: string
  readonly owner: string | null
  readonly epoch: number
  readonly beat: number
  readonly attempts: number
  readonly created_at: number
  readonly ended_at: number | null
  readonly totals: string
}

/** The columns of a run's row that a record has. */
export const RUN_COLUMNS =
  'run, id, kind, name, version, status, waiting, tags, owner, epoch, beat, attempts, created_at, ended_at, totals'

/** Turns a record into the row that it keeps. */
export function decodeRun(record: RunRecord): RunRow {
  const { run: _, created_at: createdAt, ended_at: endedAt, waiting, tags, totals, ...same } = record
  return {
    ...same,
    waiting: waiting === null ? null : (JSON.parse(waiting) as Waiting),
    tags: JSON.parse(tags) as string[],
    createdAt,
    endedAt,
    totals: JSON.parse(totals) as Totals,
  }
}

/** Turns the row of a run that begins into its record; the database gives the number. */
export function encodeRun({ createdAt, endedAt, waiting, tags, totals, ...same }: RunRow): Omit<RunRecord, 'run'> {
  return {
    ...same,
    waiting: waiting && JSON.stringify(waiting),
    tags: JSON.stringify(tags),
    created_at: createdAt,
    ended_at: endedAt,
    totals: JSON.stringify(totals),
  }
}

/** Turns a change of status into the values of its columns. */
export function encodeChange({ status, waiting, endedAt, totals }: RowChange): RunChange {
  return [status, waiting && JSON.stringify(waiting), endedAt, JSON.stringify(totals)]
}

/** A change of status as the values of status, waiting, ended_at and totals. */
export type RunChange = readonly [status: string, waiting: string | null, endedAt: number | null, totals: string]
