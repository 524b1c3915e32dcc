import { addUsed, type Entry, NO_TOTALS, type RunRow, type Runtime, type Used } from '@reprise/core'
import { ownEntries, usedBy } from '../show/used.ts'

/** What costs are told by. */
export const BY = ['name', 'tag', 'day', 'model'] as const

/** Which runs are counted, each with all runs below it. */
export interface CostFilter {
  /** Milliseconds since 1970. */
  readonly since?: number
  readonly name?: string
  readonly tag?: string
}

/** What some runs have used. */
export interface Cost {
  /** How many runs, those below others among them. */
  runs: number
  /** How many of these have replies of unknown price: what they cost is not all in the sum. */
  unpricedRuns: number
  used: Used
}

/** Costs in groups, and in all. */
export interface Costs {
  readonly groups: ReadonlyMap<string, Cost>
  readonly total: Cost
}

/** The most rows of a page. */
const PAGE = 1_000

/**
 * Sums what runs have used, each run its own use and once. By name and by model, use counts for what used it; by tag, for
 * the tags of the run that was started, and for each of them.
 */
export async function sumCosts(
  { runs }: Runtime,
  filter: CostFilter,
  by: (typeof BY)[number] | undefined,
): Promise<Costs> {
  const groups = new Map<string, Cost>()
  const total = nothing()
  /** The run that each counted one belongs to, which was chosen by the filter; null where that has it in its own sum. */
  const tops = new Map<string, RunRow | null>()
  for await (const row of pages(runs, filter.since)) {
    const above = row.parentId === null ? undefined : tops.get(row.parentId)
    const top = above ?? (above === undefined && isChosen(row, filter) ? row : above)
    if (top === undefined) continue
    tops.set(row.id, hasChildrenInIt(row) ? null : top)
    if (top === null) continue
    const own = row.totals.own ?? row.totals
    add(total, own)
    const shares =
      by === 'model' ? usedByModel(await entriesOf(runs, row)) : keysOf(row, top, by).map((key) => [key, own] as const)
    for (const [key, used] of shares) {
      const group = groups.get(key) ?? nothing()
      groups.set(key, group)
      add(group, used)
    }
  }
  return { groups, total }
}

async function* pages(runs: Runtime['runs'], since: number | undefined): AsyncGenerator<RunRow, void, undefined> {
  const filter = since === undefined ? {} : { createdFrom: since }
  let page = await runs.list({ ...filter, limit: PAGE })
  while (page.length > 0) {
    yield* page
    const last = page.at(-1)
    page = last && page.length === PAGE ? await runs.list({ ...filter, limit: PAGE, after: last.id }) : []
  }
}

function isChosen({ name, tags }: RunRow, filter: CostFilter): boolean {
  return (filter.name ?? name) === name && (filter.tag === undefined || tags.includes(filter.tag))
}

/** A workflow of before 0.2 has what its children used in its own row. */
function hasChildrenInIt({ kind, totals }: RunRow): boolean {
  return kind === 'workflow' && (totals.own ?? totals).turns > 0
}

function keysOf({ name, createdAt }: RunRow, top: RunRow, by: (typeof BY)[number] | undefined): readonly string[] {
  if (by === 'name') return [name]
  if (by === 'day') return [new Date(createdAt).toISOString().slice(0, 10)]
  if (by === 'tag') return top.tags.length > 0 ? top.tags : ['(none)']
  return []
}

/** Of a run that was erased nothing but its row can be read. */
async function entriesOf(runs: Runtime['runs'], { id, erasedAt, kind }: RunRow): Promise<readonly Entry[]> {
  return erasedAt !== null || kind === 'workflow' ? [] : runs.entries(id)
}

/**
 * What each model's replies have used, as the service called it, with the calls that they made; what broke off counts for
 * the model that was asked.
 */
function usedByModel(entries: readonly Entry[]): readonly (readonly [model: string, used: Used])[] {
  const models = new Map<string, Used>()
  const own = new Set(ownEntries(entries))
  let asked = ''
  let replied: string | undefined
  for (const entry of entries) {
    if ('card' in entry.body) asked = entry.body.card.model
    if (entry.kind === 'model.replied') replied = entry.body.reply.model
    const used = usedBy(entry)
    if (Object.keys(used).length === 0 || !own.has(entry)) continue
    const model =
      entry.kind === 'model.replied' || used.calls !== undefined || used.refused !== undefined
        ? (replied ?? asked)
        : asked
    models.set(model, addUsed(models.get(model) ?? NO_TOTALS, { ...NO_TOTALS, ...used }))
  }
  return [...models]
}

function nothing(): Cost {
  return { runs: 0, unpricedRuns: 0, used: NO_TOTALS }
}

function add(cost: Cost, used: Used): void {
  cost.runs += 1
  cost.unpricedRuns += used.unpriced > 0 ? 1 : 0
  cost.used = addUsed(cost.used, used)
}
