import type { AnyDefinition, Effect, Runtime, RunRow } from '@reprise/core'
import { agentsOf, type DefinedAgent } from '../../models/agents-of.ts'
import { ENDED, openRun, type OpenRun } from '../../models/in-use.ts'
import { cardOf, recordedUse } from '../../models/recorded-use.ts'
import { allRuns } from '../../runs/all-runs.ts'
import type { Recordings } from '../migration.ts'
import { addUse, MONTH_DAYS, NO_USE, type RecentUse } from '../month.ts'

/** Which recorded runs are wanted. */
export interface Wanted {
  /** Created at this moment or later, in milliseconds since 1970; null for all. */
  readonly since: number | null
  /** Of this agent or team. */
  readonly name?: string | undefined
  /** The most of them, the newest first. */
  readonly limit: number
}

/** Who uses a model, and which of its runs can be asked again. */
export interface Gathered {
  /** The newest first. */
  readonly ids: readonly string[]
  readonly recordings: Omit<Recordings, 'tried'>
  readonly definitions: readonly DefinedAgent[]
  readonly open: readonly OpenRun[]
  /** By the name of the agent, over the last 30 days. */
  readonly use: ReadonlyMap<string, RecentUse>
}

/** Why a run of the model is not asked again. */
const LEFT = {
  open: 'not ended yet',
  fork: 'forks, which begin with what another run has recorded',
  others: 'other models answered in them too',
  limit: 'older than those that --limit leaves',
} as const

/**
 * Looks through the runs of a store for those in which a model answered.
 *
 * @param now milliseconds since 1970.
 */
export async function gather(runtime: Runtime, model: string, wanted: Wanted, now: number): Promise<Gathered> {
  const agents = agentsOf(runtime.definitions)
  const monthAgo = now - MONTH_DAYS * 86_400_000
  const open: OpenRun[] = []
  const use = new Map<string, RecentUse>()
  const fit: RunRow[] = []
  const left = new Map<string, number>()
  let found = 0
  for await (const row of allRuns(runtime)) {
    if (row.kind === 'workflow' || row.erasedAt !== null) continue
    const isOpen = !ENDED.has(row.status)
    const isWanted = row.createdAt >= (wanted.since ?? 0) && (wanted.name === undefined || wanted.name === row.name)
    if (!isOpen && !isWanted && (row.endedAt ?? 0) < monthAgo) continue
    const entries = await runtime.runs.entries(row.id)
    const card = cardOf(entries)
    if (isOpen && card && isNamed(card.model, model)) open.push(openRun(row, card.agent, agents))
    for (const { agent, model: used, ...rest } of recordedUse(entries, monthAgo))
      if (isNamed(used, model)) use.set(agent, addUse(use.get(agent) ?? NO_USE, rest.used, rest.first))
    const models = new Set(recordedUse(entries).map((one) => one.model))
    if (!isWanted || ![...models].some((one) => isNamed(one, model))) continue
    found += 1
    const why = isOpen ? LEFT.open : row.forkOf !== null ? LEFT.fork : models.size > 1 ? LEFT.others : undefined
    if (why === undefined) fit.push(row)
    else left.set(why, (left.get(why) ?? 0) + 1)
  }
  const newest = fit.toReversed()
  if (newest.length > wanted.limit) left.set(LEFT.limit, newest.length - wanted.limit)
  return {
    ids: newest.slice(0, wanted.limit).map(({ id }) => id),
    recordings: { since: wanted.since, found, left: [...left].map(([why, runs]) => ({ why, runs })) },
    definitions: agents.filter((agent) => isNamed(agent.model, model)),
    open,
    use,
  }
}

/** Whether an agent asks a model: by its name, or by that of a dated snapshot. */
export function isNamed(asked: string, model: string): boolean {
  return asked === model || asked.replace(/-\d{4}-\d{2}-\d{2}$/, '') === model
}

/** What the tools of all agents do to the world. Where two share a name, the one that does more counts. */
export function effectsOf(definitions: readonly AnyDefinition[]): ReadonlyMap<string, Effect> {
  const effects = new Map<string, Effect>()
  for (const definition of definitions) {
    if (definition.kind === 'workflow') continue
    const agents = definition.kind === 'team' ? [...definition.agents.values()] : [definition]
    for (const { name, effect } of agents.flatMap(({ tools }) => tools))
      // One that somebody else answers does nothing here.
      if (effect !== 'external' && (effect !== 'read' || !effects.has(name))) effects.set(name, effect)
  }
  return effects
}
