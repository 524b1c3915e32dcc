// Which runs of the memory store may be taken, and which are late.
import type { OverdueFilter, RunRow, TakeFilter } from '@reprise/core'
import { isSuspect, type Kept, mayGoOn } from './kept-run.ts'

/** The beat of a run's owner; null where it has none. */
type BeatOf = (row: RunRow) => number | null

/** The runs that a filter asks for, in its order. */
export function freeOf(all: readonly Kept[], filter: TakeFilter, beatOf: BeatOf): readonly Kept[] {
  const { now, definitions, only, order = 'urgent', limit } = filter
  const isMine = ({ row }: Kept): boolean =>
    definitions.some(({ kind, name }) => kind === row.kind && name === row.name) && isFree(row, filter, beatOf)
  const found = all.filter((kept) => isMine(kept) && isInTime(kept.row, now) && mayGoOn(kept, now))
  const wanted = found.filter(
    (kept) => (only === undefined || (only === 'suspects') === isSuspect(kept)) && !isParked(kept, all, now),
  )
  const newest = wanted.toReversed()
  const inOrder = {
    suspects: () => newest.toSorted((a, b) => a.row.attempts - b.row.attempts),
    newest: () => newest,
    oldest: () => wanted,
    urgent: () => wanted.toSorted((a, b) => b.row.priority - a.row.priority),
  }
  return inOrder[only === 'suspects' ? only : order]().slice(0, limit)
}

/** Whether a run has a slot, or may have one: that it is owned is a slot. */
export function hasRoom({ row }: Kept, all: readonly Kept[]): boolean {
  return row.concurrency === null || row.owner !== null || heldOf(row, all) < row.concurrency.limit
}

/** The runs that are late. */
export function overdueOf(all: readonly Kept[], filter: OverdueFilter, beatOf: BeatOf): readonly RunRow[] {
  const { now, limit } = filter
  return all
    .map(({ row }) => row)
    .filter((row) => row.endedAt === null && row.status !== 'quarantined' && isFree(row, filter, beatOf))
    .filter((row) => !isInTime(row, now))
    .slice(0, limit)
}

function isFree(
  row: RunRow,
  { gone, except, tenant }: Pick<TakeFilter, 'gone' | 'except' | 'tenant'>,
  beatOf: BeatOf,
): boolean {
  if (row.endedAt !== null || except.includes(row.id)) return false
  if (tenant !== undefined && row.tenant !== tenant) return false
  const isOf = ({ owner, heartbeat }: TakeFilter['gone'][number]): boolean =>
    owner === row.owner && heartbeat === beatOf(row)
  return row.owner === null || gone.some(isOf)
}

function isInTime({ status, expireAt, deadlineAt }: RunRow, now: number): boolean {
  return (deadlineAt ?? Infinity) > now && (status !== 'queued' || (expireAt ?? Infinity) > now)
}

/** Whether as many of its key as may be are before a run that may run. */
function isParked(kept: Kept, all: readonly Kept[], now: number): boolean {
  const { row } = kept
  if (row.concurrency === null || row.owner !== null) return false
  const line = all.filter((other) => isSameLine(other.row, row) && isInLine(other, now))
  const inFront = line.toSorted((a, b) => b.row.priority - a.row.priority).indexOf(kept)
  return heldOf(row, all) + Math.max(inFront, 0) >= row.concurrency.limit
}

function isInLine({ row: { owner, endedAt, status, wakeAt } }: Kept, now: number): boolean {
  if (owner !== null || endedAt !== null) return false
  return status === 'running' || (status === 'queued' && (wakeAt ?? 0) <= now)
}

function heldOf(row: RunRow, all: readonly Kept[]): number {
  return all.filter(({ row: other }) => isSameLine(other, row) && other.owner !== null && other.endedAt === null).length
}

function isSameLine(one: RunRow, other: RunRow): boolean {
  return one.concurrency?.key === other.concurrency?.key && one.tenant === other.tenant
}
