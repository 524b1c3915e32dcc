// Replays many runs, one after the other as they are asked for: no more is held than a page of rows and what is under way.
import type { RunFilter, RunRow } from '../../contracts/run.ts'
import type { Store } from '../../contracts/store.ts'
import { StoreError } from '../../values/errors.ts'
import { type ReplayParts, replayRun, type RunReplay } from './run-replay.ts'
import { ReplaySum, type ReplaySummary } from './summary.ts'
import { inThreads } from './threads.ts'

/** Which runs to replay: of all statuses, children too, those that are erased left out. */
export interface ReplayFilter extends Omit<RunFilter, 'after' | 'limit'> {
  /**
   * `only` takes the runs alone that have not ended; `always` takes those too that `createdFrom` leaves out: a deploy breaks
   * a run however old it is. @default they are taken as all others
   */
  readonly inFlight?: 'only' | 'always'
  /** Takes these alone, in this order, whatever else the filter says; one that is not there counts as left out. */
  readonly ids?: readonly string[]
}

/** Where runs are replayed. */
export interface ReplayOptions {
  /**
   * The file of a module that exports a `runtime` on the same store: each thread imports it. Its code runs in each of
   * them, so it must begin no work of its own. @default all is done in this thread
   */
  readonly module?: string | URL
  /**
   * 0 to 64 threads beside this one, which import `module`. @default as many as there are processors, at most 8, and none
   * for a few runs
   */
  readonly threads?: number
}

/** How many runs are a few: with fewer, threads are not worth their beginning, which takes as long as some thousand replays of 20 turns. */
const FEW = 4_000

/** The most rows of a page. */
const PAGE = 1_000

/** Many runs under today's code, gone through once: as they come, or summed up. */
export class Replays implements AsyncIterable<RunReplay> {
  readonly #replays: AsyncGenerator<RunReplay, void, undefined>
  readonly #sum = new ReplaySum()

  constructor(parts: ReplayParts, filter: ReplayFilter, options: ReplayOptions) {
    this.#replays = this.#goThrough(parts, filter, options)
  }

  /** Gives each run when it is done, in the order asked for; who stops early leaves the rest undone. */
  [Symbol.asyncIterator](): AsyncIterator<RunReplay, void, undefined> {
    return this.#replays
  }

  /**
   * Goes through what is left of the runs, and sums up all of them.
   *
   * @throws what the store throws when runs are listed; DefinitionError when a thread cannot load `module`.
   */
  async summary(): Promise<ReplaySummary> {
    // Each is counted where it is given.
    for await (const _ of this.#replays);
    return this.#sum.summary
  }

  async *#goThrough(
    parts: ReplayParts,
    filter: ReplayFilter,
    options: ReplayOptions,
  ): AsyncGenerator<RunReplay, void, undefined> {
    const quiet = { ...parts, engine: { ...parts.engine, log: SILENT } }
    const rows = this.#readable(filter.ids ? byId(parts.engine.store, filter.ids) : rowsOf(parts.engine.store, filter))
    for await (const replay of replaysOf(quiet, rows, options)) {
      if (!replay) {
        this.#sum.leaveOut()
        continue
      }
      this.#sum.add(replay)
      yield replay
    }
  }

  async *#readable(rows: AsyncIterable<RunRow | undefined>): AsyncGenerator<RunRow, void, undefined> {
    for await (const row of rows) {
      if (row && row.erasedAt === null) yield row
      else this.#sum.leaveOut()
    }
  }
}

/** What code of the user's does while nothing is done is no news. */
const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined }

async function* replaysOf(
  parts: ReplayParts,
  rows: AsyncGenerator<RunRow, void, undefined>,
  { module, threads }: ReplayOptions,
): AsyncGenerator<RunReplay | undefined, void, undefined> {
  if (module === undefined || threads === 0) return yield* here(parts, rows)
  const isHere = async (runId: string): Promise<boolean> => (await parts.engine.store.run(runId))?.erasedAt === null
  if (threads === undefined) {
    // To begin a thread takes as long as to replay several hundred runs.
    const few = await firstOf(rows, FEW)
    if (few.length < FEW) return yield* here(parts, few)
    return yield* inThreads(chained(few, rows), { module, isHere })
  }
  return yield* inThreads(rows, { module, isHere, threads })
}

async function* here(
  parts: ReplayParts,
  rows: AsyncIterable<RunRow> | Iterable<RunRow>,
): AsyncGenerator<RunReplay | undefined, void, undefined> {
  const { turns } = parts.engine
  for await (const row of rows) {
    if (turns.isOver()) await turns.next()
    yield await replayRun(parts, row)
  }
}

async function firstOf(rows: AsyncGenerator<RunRow, void, undefined>, count: number): Promise<RunRow[]> {
  const first: RunRow[] = []
  while (first.length < count) {
    const { value, done } = await rows.next()
    if (done) break
    first.push(value)
  }
  return first
}

async function* chained(
  first: readonly RunRow[],
  rest: AsyncIterable<RunRow>,
): AsyncGenerator<RunRow, void, undefined> {
  yield* first
  yield* rest
}

async function* byId(store: Store, ids: readonly string[]): AsyncGenerator<RunRow | undefined, void, undefined> {
  for (const id of ids) yield await store.run(id)
}

async function* rowsOf(
  store: Store,
  { inFlight, createdFrom = -Infinity, ...filter }: ReplayFilter,
): AsyncGenerator<RunRow, void, undefined> {
  const isBound = Number.isFinite(createdFrom) && inFlight !== 'always'
  const stored = { ...filter, ...(isBound && { createdFrom }), limit: PAGE }
  let page = await store.runs(stored)
  for (;;) {
    for (const row of page) if (row.endedAt === null || (inFlight !== 'only' && row.createdAt >= createdFrom)) yield row
    if (page.length < PAGE) return
    page = await pageAfter(store, stored, page)
  }
}

/** The last of a page may be gone by now: then what comes after the one before it is read again, without what was given. */
async function pageAfter(store: Store, filter: RunFilter, page: readonly RunRow[]): Promise<readonly RunRow[]> {
  const given = new Set(page.map(({ id }) => id))
  for (const { id } of page.toReversed()) {
    try {
      const next = await store.runs({ ...filter, after: id })
      return next.length === 0 || next.some((row) => !given.has(row.id)) ? next.filter((row) => !given.has(row.id)) : []
    } catch (error) {
      if (!(error instanceof StoreError) || (await store.run(id))) throw error
    }
  }
  return []
}
