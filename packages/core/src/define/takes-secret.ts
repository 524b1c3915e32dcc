import { secretPlaces } from '../schema/secret.ts'
import { type AnyDefinition, planOf } from './plan.ts'

const known = new WeakMap<AnyDefinition, string | null>()

/** Says where a definition takes a secret: in its context or input, or in the input or the output of one of its tools. */
export function takesSecret(definition: AnyDefinition): string | undefined {
  let place = known.get(definition)
  if (place === undefined) known.set(definition, (place = findPlace(definition) ?? null))
  return place ?? undefined
}

function findPlace(definition: AnyDefinition): string | undefined {
  const where = `${definition.kind} "${definition.name}"`
  if (definition.kind === 'workflow') {
    const places = secretPlaces(definition.input, `The input of ${where}: `)
    return places && `The input of ${where} has a secret (${places.first})`
  }
  const plan = planOf(definition)
  for (const schema of plan.contexts) {
    const places = secretPlaces(schema, `The context of ${where}: `)
    if (places) return `The context of ${where} has a secret (${places.first})`
  }
  const tools = [...plan.agents.values()].flatMap((agentPlan) => [...agentPlan.tools.values()])
  const tool = tools.find(({ input }) => input.secrets)
  if (tool) return `Tool "${tool.name}" takes a secret (${tool.input.secrets?.first})`
  for (const { name, output } of tools) {
    const places = output && secretPlaces(output, `Tool "${name}": output: `)
    if (places) return `Tool "${name}" gives a secret (${places.first})`
  }
  return undefined
}
