import { addUsed, NO_TOTALS, type Runtime, type RunRow, type RunStatus, type Used } from '@reprise/core'
import { allRuns } from '../runs/all-runs.ts'
import { agentsOf, type DefinedAgent } from './agents-of.ts'
import { cardOf, recordedUse } from './recorded-use.ts'

/** A run that has not ended, and the model that its recorded card names. */
export interface OpenRun {
  readonly id: string
  readonly status: RunStatus
  readonly definition: Pick<RunRow, 'kind' | 'name' | 'version'>
  /** Who holds it now. */
  readonly agent: string
  /** What becomes of its model when the code has another: under `pin` it goes on with the recorded one. */
  readonly onChange: DefinedAgent['onChange'] | 'unregistered'
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/** Who uses a model. */
export interface ModelUse {
  readonly model: string
  readonly definitions: readonly DefinedAgent[]
  readonly open: readonly OpenRun[]
  /** What runs have used of it since the given moment. */
  readonly recent: { readonly runs: number; readonly used: Used }
}

/** How runs stand that nobody takes up again. */
export const ENDED: ReadonlySet<RunStatus> = new Set(['completed', 'failed', 'cancelled'])

/**
 * Says of each model who uses it: definitions, runs that have not ended, and what was used of it lately. A run's journal is
 * read where it has not ended, or ended since then.
 *
 * @param since milliseconds since 1970.
 */
export async function modelsInUse(runtime: Runtime, since: number): Promise<readonly ModelUse[]> {
  const uses = new Map<string, ModelUse>()
  const change = (model: string, how: (use: ModelUse) => Partial<ModelUse>): void => {
    const use = uses.get(model) ?? { model, definitions: [], open: [], recent: { runs: 0, used: NO_TOTALS } }
    uses.set(model, { ...use, ...how(use) })
  }
  const agents = agentsOf(runtime.definitions)
  for (const agent of agents) change(agent.model, ({ definitions }) => ({ definitions: [...definitions, agent] }))
  for await (const row of allRuns(runtime)) {
    const open = !ENDED.has(row.status)
    if (row.kind === 'workflow' || row.erasedAt !== null || (!open && (row.endedAt ?? 0) < since)) continue
    const entries = await runtime.runs.entries(row.id)
    const card = cardOf(entries)
    if (open && card) change(card.model, (use) => ({ open: [...use.open, openRun(row, card.agent, agents)] }))
    const perModel = new Map<string, Used>()
    for (const { model, used } of recordedUse(entries, since))
      perModel.set(model, addUsed(perModel.get(model) ?? NO_TOTALS, used))
    for (const [model, used] of perModel)
      change(model, ({ recent }) => ({ recent: { runs: recent.runs + 1, used: addUsed(recent.used, used) } }))
  }
  return [...uses.values()]
}

/** An open run and what becomes of its model. It would be taken up under the definition of its version, or else under the newest. */
export function openRun(row: RunRow, agent: string, agents: readonly DefinedAgent[]): OpenRun {
  const { id, status, kind, name, version, createdAt } = row
  const known = agents.filter(({ definition }) => definition.kind === kind && definition.name === name)
  const newest = known.toSorted((one, other) => other.definition.version - one.definition.version)[0]
  const taken = known.find(({ definition }) => definition.version === version) ?? newest
  return {
    id,
    status,
    definition: { kind, name, version },
    agent,
    onChange: taken?.onChange ?? 'unregistered',
    createdAt,
  }
}
