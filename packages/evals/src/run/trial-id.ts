import { type AnyAgent, type AnyDefinition, type Digest, digest, type Handoff } from '@reprise/core'
import type { Eval } from '../define/define-eval.ts'
import type { Row } from '../define/row.ts'
import { canonical } from '../seen/canonical.ts'

/** How much of a digest stands in a run's id. */
const SHOWN = 12

/** What trials of one row are known by: the same for the same question, asked of the same definitions. */
export async function fingerprint(evaluation: Eval, row: Row, label: string): Promise<string> {
  const { originals, code, tools } = evaluation
  const tasks = originals.map((definition) => printOf(definition, row.context))
  const print = [tasks, code, (await tools?.print()) ?? '', askedOf(row), label]
  return digest(canonical(print)).slice(0, SHOWN)
}

/** What a row asks, whatever is expected of it. */
function askedOf({ input, context, recorded }: Row): string {
  return canonical([input, context ?? null, recorded ?? null])
}

/** What a row asks and expects. */
export function askedDigest(row: Row): Digest {
  return digest(canonical([askedOf(row), row.expected ?? null]))
}

function printOf(definition: AnyDefinition, context: unknown): unknown {
  const { kind, name, version } = definition
  if (definition.kind === 'workflow') return [kind, name, version, definition.run.toString()]
  if (definition.kind === 'agent') return [kind, name, version, agentPrint(definition, context)]
  const handoffs = [...definition.ways].map(([from, to]) => [from, to.map(wayPrint)])
  return [
    kind,
    name,
    version,
    definition.turns,
    handoffs,
    [...definition.agents.values()].map((agent) => agentPrint(agent, context)),
  ]
}

/** A way of which nothing but its agent is said is that agent's name. */
function wayPrint({ agent, description, payload, moves }: Handoff): unknown {
  if (description === undefined && !payload && moves.kind === 'all') return agent.name
  const by = 'by' in moves ? moves.by.toString() : null
  return [agent.name, description ?? null, payload?.json ?? null, moves, by]
}

function agentPrint(agent: AnyAgent, context: unknown): unknown {
  const { name, version, model, settings, maxOutputTokens, hosted, rules, output, turns } = agent
  const tools = agent.tools.map(({ card, effect, execute, approval }) => [
    card,
    effect,
    execute.toString(),
    approval.toString(),
  ])
  return [
    name,
    version,
    model,
    settings,
    maxOutputTokens,
    hosted,
    rules,
    turns,
    output?.json ?? null,
    tools,
    told(agent, context),
  ]
}

/** Instructions as they read for a row; where its schema has not yet made its context whole, their code. */
function told({ instructions }: AnyAgent, context: unknown): string {
  try {
    return instructions({ context })
  } catch {
    return instructions.toString()
  }
}
