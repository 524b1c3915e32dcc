import type { AnyAgent, AnyDefinition } from '@reprise/core'

/** An agent that a definition has, and the model that it asks. */
export interface DefinedAgent {
  readonly definition: Pick<AnyDefinition, 'kind' | 'name' | 'version'>
  readonly agent: string
  readonly model: string
  readonly onChange: AnyAgent['onChange']
}

/**
 * All agents that definitions have. The agents that the code of a workflow runs are definitions of their own; its runs ask
 * no model themselves.
 */
export function agentsOf(definitions: readonly AnyDefinition[]): readonly DefinedAgent[] {
  return definitions.flatMap((definition) => {
    if (definition.kind === 'workflow') return []
    const { kind, name, version, onChange } = definition
    const agents = definition.kind === 'team' ? [...definition.agents.values()] : [definition]
    return agents.map((agent) => ({
      definition: { kind, name, version },
      agent: agent.name,
      model: agent.model,
      onChange,
    }))
  })
}
