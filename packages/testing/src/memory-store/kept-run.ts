// A run as the memory store keeps it.
import { PROGRESS, StoreError, SUSPECT_FROM } from '@reprise/core'
import type { InboxMessage, NewRun, RunFilter, RunRow, RunWrite, StoredEntry } from '@reprise/core'

/** Who erased a lineage, and when, in milliseconds since 1970. */
export interface Erased {
  readonly by: string
  readonly at: number
}

/** A run with its journal and its mail. */
export interface Kept {
  row: RunRow
  readonly entries: StoredEntry[]
  inbox: InboxMessage[]
  /** How many entries that got it further it and the runs below it had when it was last taken. */
  taken: number
  /** Whether it was given up as one that could not be brought further. */
  counted: boolean
}

/** A run that begins has been taken with its first entry. */
export function fresh(create: NewRun, [first]: readonly StoredEntry[]): Kept {
  const taken = first && PROGRESS.has(first.kind) ? 1 : 0
  const { id, waiting } = create
  const unsaid = {
    sessionId: null,
    turn: null,
    tenant: null,
    user: null,
    concurrency: null,
    expireAt: null,
    deadlineAt: null,
  }
  const row: RunRow = { ...unsaid, root: id, round: 1, waits: waiting ? [waiting] : [], ...create }
  return { row, entries: [], inbox: [], taken, counted: false }
}

/** The newest of the continuations that began with a run. */
export function newestOf(all: readonly Kept[], root: string): RunRow | undefined {
  return all
    .map(({ row }) => row)
    .filter((row) => row.root === root)
    .reduce<RunRow | undefined>((newest, row) => (row.round > (newest?.round ?? 0) ? row : newest), undefined)
}

/** What is said of a run that is not there. */
export function noRun(runId: string): StoreError {
  return new StoreError({
    code: 'store_no_run',
    message: `The memory store has no run "${runId}". Give the id of a run that was started.`,
    details: { runId },
  })
}

/** Whose next claim counts on, and that has many already. */
export function isSuspect({ row: { attempts, owner }, counted }: Kept): boolean {
  return attempts >= SUSPECT_FROM && (owner !== null || counted)
}

/** Applies what a write says beside its entries. */
export function finish(kept: Kept, { row, consumed = [], release, sound }: RunWrite): void {
  kept.row = { ...kept.row, ...row, ...(sound && { attempts: 0 }), ...(release && { owner: null }) }
  if (release) kept.counted = release === 'counted'
  kept.inbox = kept.inbox.filter(({ dedupe }) => !consumed.includes(dedupe))
}

/** Makes runs the children of another, those aside that have a parent; gives the rows of the others. */
export function adopt(all: readonly Kept[], parentId: string, parentKey: string): readonly RunRow[] {
  const orphans = all.filter(({ row }) => row.parentId === null)
  return orphans.map((kept) => (kept.row = { ...kept.row, parentId, parentKey }))
}

/** A run that goes on in the place of another has the parent that this has by now. */
export function inPlaceOf(kept: Kept, { row: { root, parentId, parentKey } }: Kept): Kept {
  if (kept.row.root === root && parentId !== null && parentKey !== null) adopt([kept], parentId, parentKey)
  return kept
}

/** Whether a run fits a filter, its page and its order aside. */
export function fits(
  row: RunRow,
  { status, name, tag, tenant, user, parentId, forkOf, sessionId, ...created }: RunFilter,
): boolean {
  const isOf = (wanted: string | undefined, is: string | null): boolean => wanted === undefined || wanted === is
  const isWhose = isOf(tenant, row.tenant) && isOf(user, row.user)
  const isKin = isOf(parentId, row.parentId) && isOf(forkOf, row.forkOf) && isOf(sessionId, row.sessionId)
  const { createdFrom = -Infinity, createdBefore = Infinity } = created
  const isThen = row.createdAt >= createdFrom && row.createdAt < createdBefore
  const isNamed = isOf(status, row.status) && isOf(name, row.name)
  return isWhose && isKin && isThen && isNamed && (tag === undefined || row.tags.includes(tag))
}

/** Leaves the place of a run, and nothing that it held. */
export function eraseRun(kept: Kept, at: number): void {
  if (kept.row.erasedAt !== null) return
  kept.row = {
    ...kept.row,
    epoch: kept.row.epoch + 1,
    tags: [],
    user: null,
    concurrency: null,
    parentKey: null,
    erasedAt: at,
  }
  kept.entries.length = 0
  kept.inbox = []
}

/** What is said of a run that was erased. */
export function wasErased(runId: string, { by, at }: Erased): StoreError {
  const on = new Date(at).toISOString().slice(0, 10)
  return new StoreError({
    code: 'run_erased',
    message: `The run "${runId}" was erased by ${by} on ${on}: what it held cannot be read again.`,
    details: { runId, by, at },
  })
}

/** Whether a run that has not ended has something to go on with. */
export function mayGoOn({ row: { status, wakeAt, waiting, owner }, inbox }: Kept, now: number): boolean {
  if (status === 'queued') return owner !== null || (wakeAt ?? 0) <= now
  if (status !== 'waiting') return status !== 'quarantined'
  return (wakeAt !== null && wakeAt <= now) || (inbox.length > 0 && waiting?.kind !== 'interrupted')
}

/** Whether a status is among those. */
export function isOne(status: RunRow['status'], statuses: readonly RunRow['status'][]): boolean {
  return statuses.includes(status)
}

/** Whether a run is driven by, and belongs to, whom one that is to begin does. */
export function isSameOwner(row: RunRow, { owner, tenant = null, user = null }: NewRun): boolean {
  return row.owner === owner && row.tenant === tenant && row.user === user
}

/** Whether two entries are the same one. */
export function isSame(entry: StoredEntry, other: StoredEntry | undefined): boolean {
  return other === undefined || placeOf(entry) === placeOf(other)
}

function placeOf({ key, kind, attempt, at, digest }: StoredEntry): string {
  return JSON.stringify([key, kind, attempt, at, digest])
}
