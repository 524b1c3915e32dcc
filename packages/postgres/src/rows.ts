import { createHash } from 'node:crypto'
import type { NewRun, RowChange, RunRow, Totals, Waiting } from '@reprise/core'

/** A run's row as the database gives it. */
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
  readonly root: string | null
  readonly round: number
  readonly status: RunRow['status']
  readonly waiting: string | null
  readonly waits: string | null
  readonly wake_at: number | null
  readonly priority: number
  readonly tags: readonly string[]
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

/** What a run's row begins with; the database gives the number. */
export type NewRecord = Omit<RunRecord, 'run'> & {
  readonly waiting_kind: string | null
  /** The line in which a run with a key stands; null for others. */
  readonly line: string | null
  /** Whether a run is kept from those who look for one until its line has been put right. */
  readonly parked: boolean
}

/** The columns of a run's row that a record has, of a table or of an alias of it. */
export function runColumns(of = ''): string {
  return ['run', ...RECORD_COLUMNS].map((column) => (of === '' ? column : `${of}.${column}`)).join(', ')
}

const RECORD_COLUMNS = [
  'id',
  'kind',
  'name',
  'version',
  'parent_id',
  'parent_key',
  'lineage_id',
  'fork_of',
  'fork_seq',
  'session_id',
  'turn',
  'root',
  'round',
  'status',
  'waiting',
  'waits',
  'wake_at',
  'priority',
  'tags',
  'tenant',
  'user_id',
  'concurrency_key',
  'concurrency_limit',
  'expire_at',
  'deadline_at',
  'owner',
  'epoch',
  'attempts',
  'created_at',
  'ended_at',
  'erased_at',
  'totals',
] as const

/** Turns a record into the row that it keeps. */
export function decodeRun(record: RunRecord): RunRow {
  const { run: _, parent_id, parent_key, lineage_id, fork_of, fork_seq, session_id, root, ...own } = record
  const { waiting, waits, wake_at, created_at, ended_at, erased_at, totals, ...rest } = own
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

/** Turns the row of a run that begins into its record. */
export function encodeRun(row: NewRun): NewRecord {
  const { parentId, parentKey, lineageId, forkOf, forkSeq, root = row.id, round = 1, ...own } = row
  const { waiting, waits = waiting ? [waiting] : [], wakeAt, createdAt, endedAt, erasedAt, totals, ...rest } = own
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
    waiting_kind: waiting && waiting.kind,
    waits: encodeWaits(waits),
    wake_at: wakeAt,
    tenant,
    user_id: user,
    concurrency_key: concurrency?.key ?? null,
    concurrency_limit: concurrency?.limit ?? null,
    line: concurrency && lineOf(concurrency.key, tenant),
    parked: concurrency !== null,
    expire_at: expireAt,
    deadline_at: deadlineAt,
    created_at: createdAt,
    ended_at: endedAt,
    erased_at: erasedAt,
    totals: JSON.stringify(totals),
  }
}

/** The columns that a run begins with, and their types. */
const NEW_COLUMNS = {
  id: 'text',
  kind: 'text',
  name: 'text',
  version: 'bigint',
  parent_id: 'text',
  parent_key: 'text',
  lineage_id: 'text',
  key_id: 'text',
  fork_of: 'text',
  fork_seq: 'bigint',
  session_id: 'text',
  turn: 'bigint',
  root: 'text',
  round: 'bigint',
  status: 'text',
  waiting: 'text',
  waiting_kind: 'text',
  waits: 'text',
  wake_at: 'bigint',
  priority: 'bigint',
  tags: 'text[]',
  tenant: 'text',
  user_id: 'text',
  concurrency_key: 'text',
  concurrency_limit: 'bigint',
  line: 'text',
  parked: 'boolean',
  expire_at: 'bigint',
  deadline_at: 'bigint',
  owner: 'text',
  epoch: 'bigint',
  attempts: 'bigint',
  created_at: 'bigint',
  ended_at: 'bigint',
  erased_at: 'bigint',
  totals: 'text',
} as const satisfies Record<keyof NewRecord | 'key_id', string>

/** What follows `insert into` the runs' table: the rows of runs that begin, out of a list of their records as JSON. */
export function newRowsFrom(given: string): string {
  const names = Object.keys(NEW_COLUMNS).join(', ')
  const types = Object.entries(NEW_COLUMNS).map(([name, type]) => `${name} ${type}`)
  return `(${names}) select ${names} from json_to_recordset(${given}) as r (${types.join(', ')})`
}

/** The name of a line, which is short however long the key is: indexes have it. */
function lineOf(key: string, tenant: string | null): string {
  return createHash('sha256')
    .update(JSON.stringify([key, tenant]))
    .digest('base64url')
}

/** What a change of status writes into a run's record. */
export type ChangedRecord = Pick<
  NewRecord,
  'status' | 'waiting' | 'waiting_kind' | 'waits' | 'wake_at' | 'ended_at' | 'totals'
>

/** Turns a change of status into what it writes. */
export function encodeChange({ status, waiting, waits, wakeAt, endedAt, totals }: RowChange): ChangedRecord {
  return {
    status,
    waiting: waiting && JSON.stringify(waiting),
    waiting_kind: waiting && waiting.kind,
    waits: encodeWaits(waits),
    wake_at: wakeAt,
    ended_at: endedAt,
    totals: JSON.stringify(totals),
  }
}

function encodeWaits(waits: readonly Waiting[]): string | null {
  return waits.length > 0 ? JSON.stringify(waits) : null
}
