import type { NewRun, RowChange, RunRow, Totals, Waiting } from '@reprise/core'

/** A run's row as SQLite gives it. */
export interface RunRecord {
  readonly run: number
  readonly id: string
  readonly kind: RunRow['kind']
  readonly name: string
  readonly version: number
  readonly parent_id: string | null
  readonly parent_key: string | null
  readonly lineage_id: string
  readonly fork_of: string | null
  readonly fork_seq: number | null
  readonly session_id: string | null
  readonly turn: number | null
  readonly status: RunRow['status']
  readonly root: string | null
  readonly round: number
  readonly waiting: string | null
  readonly waits: string | null
  readonly wake_at: number | null
  readonly priority: number
  readonly tags: string
  readonly tenant: string | null
  readonly user_id: string | null
  readonly concurrency_key: string | null
  readonly concurrency_limit: number | null
  readonly expire_at: number | null
  readonly deadline_at: number | null
  readonly owner: string | null
  readonly epoch: number
  readonly attempts: number
  readonly created_at: number
  readonly ended_at: number | null
  readonly erased_at: number | null
  readonly totals: string
}

/** The columns of a run's row that a record has. */
export const RUN_COLUMNS =
  'run, id, kind, name, version, parent_id, parent_key, lineage_id, fork_of, fork_seq, session_id, turn, root, round, status, waiting, waits, wake_at, priority, tags, tenant, user_id, concurrency_key, concurrency_limit, expire_at, deadline_at, owner, epoch, attempts, created_at, ended_at, erased_at, totals'

/** Turns a record into the row that it keeps. */
export function decodeRun(record: RunRecord): RunRow {
  const { run: _, parent_id, parent_key, lineage_id, fork_of, fork_seq, session_id, root, ...own } = record
  const { waiting, waits, wake_at, tags, created_at, ended_at, erased_at, totals, ...rest } = own
  const { user_id, concurrency_key, concurrency_limit, expire_at, deadline_at, ...same } = rest
  return {
    ...same,
    parentId: parent_id,
    parentKey: parent_key,
    lineageId: lineage_id,
    forkOf: fork_of,
    forkSeq: fork_seq,
    sessionId: session_id,
    root: root ?? record.id,
    waiting: waiting === null ? null : (JSON.parse(waiting) as Waiting),
    waits: waits === null ? [] : (JSON.parse(waits) as Waiting[]),
    wakeAt: wake_at,
    tags: JSON.parse(tags) as string[],
    user: user_id,
    concurrency: concurrency_key === null ? null : { key: concurrency_key, limit: concurrency_limit ?? 1 },
    expireAt: expire_at,
    deadlineAt: deadline_at,
    createdAt: created_at,
    endedAt: ended_at,
    erasedAt: erased_at,
    totals: JSON.parse(totals) as Totals,
  }
}

/** Turns the row of a run that begins into its record; the database gives the number. */
export function encodeRun(row: NewRun): Omit<RunRecord, 'run'> {
  const { parentId, parentKey, lineageId, forkOf, forkSeq, root = row.id, round = 1, ...own } = row
  const { waiting, waits = waiting ? [waiting] : [], wakeAt, tags, createdAt, endedAt, erasedAt, totals, ...rest } = own
  const { sessionId = null, turn = null, tenant = null, user = null, concurrency = null, ...queued } = rest
  const { expireAt = null, deadlineAt = null, ...same } = queued
  return {
    ...same,
    parent_id: parentId,
    parent_key: parentKey,
    lineage_id: lineageId,
    fork_of: forkOf,
    fork_seq: forkSeq,
    session_id: sessionId,
    turn,
    root: root === row.id ? null : root,
    round,
    waiting: waiting && JSON.stringify(waiting),
    waits: encodeWaits(waits),
    wake_at: wakeAt,
    tags: JSON.stringify(tags),
    tenant,
    user_id: user,
    concurrency_key: concurrency?.key ?? null,
    concurrency_limit: concurrency?.limit ?? null,
    expire_at: expireAt,
    deadline_at: deadlineAt,
    created_at: createdAt,
    ended_at: endedAt,
    erased_at: erasedAt,
    totals: JSON.stringify(totals),
  }
}

/** Turns a change of status into the values of its columns. */
export function encodeChange({ status, waiting, waits, wakeAt, endedAt, totals }: RowChange): RunChange {
  return [status, waiting && JSON.stringify(waiting), encodeWaits(waits), wakeAt, endedAt, JSON.stringify(totals)]
}

function encodeWaits(waits: readonly Waiting[]): string | null {
  return waits.length > 0 ? JSON.stringify(waits) : null
}

/** A change of status as the values of status, waiting, waits, wake_at, ended_at and totals. */
export type RunChange = readonly [
  status: string,
  waiting: string | null,
  waits: string | null,
  wakeAt: number | null,
  endedAt: number | null,
  totals: string,
]
