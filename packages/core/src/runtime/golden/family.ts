// Which runs a file has: those that were asked for, each with the runs that came of it, and none twice. Nothing is kept of
// the runs that have been, so that memory does not grow with them.
import type { RunFilter, RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import { continuationBefore, continuations } from '../../journal/continuations.ts'
import { newestContinuation } from '../read/stored.ts'

/** Which runs are exported: all that fit. */
export type ExportFilter = Omit<RunFilter, 'after' | 'limit'>

/** The most rows that are read at once. */
const PAGE = 100

/** The runs that fit, in the order of their creation, each followed by its children and continuations. */
export async function* familiesOf(store: Store, filter: ExportFilter): AsyncGenerator<RunRow, void, undefined> {
  const fits = fitting(filter)
  for await (const row of pages(store, filter)) {
    if (row.erasedAt !== null || (await isBelow(store, row, fits))) continue
    yield* family(store, row)
  }
}

/** The runs of these rows, in their order, each followed by its children and continuations. */
export async function* familiesOfRows(store: Store, rows: readonly RunRow[]): AsyncGenerator<RunRow, void, undefined> {
  const ids = new Set(rows.map(({ id }) => id))
  for (const row of new Map(rows.map((row) => [row.id, row])).values())
    if (!(await isBelow(store, row, ({ id }) => ids.has(id)))) yield* family(store, row)
}

async function* family(store: Store, head: RunRow): AsyncGenerator<RunRow, void, undefined> {
  if (head.sessionId !== null) {
    // No turn can be replayed without those before it.
    for await (const turn of pages(store, { sessionId: head.sessionId })) yield* withChildren(store, turn)
    return
  }
  yield* withChildren(store, head)
  if (head.kind !== 'workflow') return
  const newest = await newestContinuation(store, head.id)
  if (newest === head.id) return
  for (const id of continuations(head.id, newest)) {
    // Some between may have been cleaned up.
    const row = id === head.id ? undefined : await store.run(id)
    if (row) yield* withChildren(store, row)
  }
}

/** The continuations of a child are children of the same run. */
async function* withChildren(store: Store, row: RunRow): AsyncGenerator<RunRow, void, undefined> {
  yield row
  for await (const child of pages(store, { parentId: row.id })) yield* withChildren(store, child)
}

async function* pages(store: Store, filter: RunFilter): AsyncGenerator<RunRow, void, undefined> {
  let page = await store.runs({ ...filter, limit: PAGE })
  for (let last = page.at(-1); last; last = page.at(-1)) {
    yield* page
    if (page.length < PAGE) return
    page = await store.runs({ ...filter, limit: PAGE, after: last.id })
  }
}

/** Tells whether a run comes with another that fits: its parent's, a continuation before it, or an earlier turn of its session. */
async function isBelow(store: Store, row: RunRow, fits: (row: RunRow) => boolean): Promise<boolean> {
  if (row.sessionId !== null)
    for await (const turn of pages(store, { sessionId: row.sessionId })) {
      if (turn.id === row.id) break
      if (fits(turn)) return true
    }
  for (const id of above(row)) {
    const other = await store.run(id)
    if (other && (fits(other) || (await isBelow(store, other, fits)))) return true
  }
  return false
}

function above({ id, parentId, root, round }: RunRow): readonly string[] {
  const before = round > 1 ? continuationBefore(id) : undefined
  return [...new Set([parentId, before, round > 1 ? root : undefined].filter((one) => typeof one === 'string'))]
}

function fitting(filter: ExportFilter): (row: RunRow) => boolean {
  const {
    status,
    name,
    tag,
    tenant,
    user,
    parentId,
    forkOf,
    sessionId,
    createdFrom = -Infinity,
    createdBefore = Infinity,
  } = filter
  return (row) =>
    row.erasedAt === null &&
    (status ?? row.status) === row.status &&
    (name ?? row.name) === row.name &&
    (tag === undefined || row.tags.includes(tag)) &&
    (tenant ?? row.tenant) === row.tenant &&
    (user ?? row.user) === row.user &&
    (parentId ?? row.parentId) === row.parentId &&
    (forkOf ?? row.forkOf) === row.forkOf &&
    (sessionId ?? row.sessionId) === row.sessionId &&
    row.createdAt >= createdFrom &&
    row.createdAt < createdBefore
}
