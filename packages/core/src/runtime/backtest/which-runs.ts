import type { RunFilter, RunRow } from '../../contracts/run.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import { checkCount, checkText } from '../../define/names.ts'
import type { Runs } from '../read/runs.ts'
import type { BacktestFilter } from './options.ts'

/** How many runs where a filter does not say. */
const DEFAULT_LIMIT = 100

/** How many runs are read at a time. */
const PAGE = 100

/**
 * The runs of agents and teams that a filter is for, each once: in its order, a workflow's at its place.
 *
 * @throws DefinitionError when the filter is wrong, or names a run that is not there.
 */
export async function* whichRuns(runs: Runs, filter: BacktestFilter): AsyncGenerator<RunRow, void, undefined> {
  const seen = new Set<string>()
  const limit = 'ids' in filter ? Infinity : (filter.limit ?? DEFAULT_LIMIT)
  for await (const row of 'ids' in filter ? named(runs, filter.ids) : listed(runs, filter)) {
    for await (const run of row.kind === 'workflow' ? below(runs, row.id) : [row]) {
      if (seen.has(run.id)) continue
      if (seen.size >= limit) return
      seen.add(run.id)
      yield run
    }
  }
}

/**
 * Checks what a program without types may give.
 *
 * @throws DefinitionError with code `bad_argument`, `bad_text` or `bad_number`.
 */
export function checkFilter(filter: unknown): asserts filter is BacktestFilter {
  const expected = 'Give it { name, tag, status, createdFrom, createdBefore, order, limit }, or { ids }.'
  checkOptions('runtime.backtest was given filter', filter, expected)
  const { limit, ids } = filter as { readonly limit?: unknown; readonly ids?: unknown }
  if (limit !== undefined) checkCount('runtime.backtest', 'limit', limit as number)
  if (ids === undefined) return
  if (!Array.isArray(ids)) throw badArgument('runtime.backtest was given ids', ids, expected)
  for (const id of ids as readonly unknown[]) checkText('runtime.backtest', 'ids', id)
}

async function* named(runs: Runs, ids: readonly string[]): AsyncGenerator<RunRow, void, undefined> {
  const rows: RunRow[] = []
  for (const id of ids) rows.push(await runs.get(id))
  // Nobody is asked anything before all are known to be there.
  yield* rows
}

async function* listed(runs: Runs, filter: RunFilter): AsyncGenerator<RunRow, void, undefined> {
  const { limit: _, ...rest } = filter
  const wanted = { order: 'newest', ...rest, limit: PAGE } as const
  let page = await runs.list(wanted)
  for (let last = page.at(-1); last; last = page.length < PAGE ? undefined : page.at(-1)) {
    yield* page
    page = await runs.list({ ...wanted, after: last.id })
  }
}

async function* below(runs: Runs, parentId: string): AsyncGenerator<RunRow, void, undefined> {
  for await (const row of listed(runs, { parentId, order: 'oldest' })) {
    if (row.kind === 'workflow') yield* below(runs, row.id)
    else yield row
  }
}
