import type { AnyAgent } from '../../define/agent.ts'
import { DefinitionError, messageOf } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'

/** The code of the error of instructions that throw or give no text. */
export const BAD_INSTRUCTIONS = 'instructions_threw'

/**
 * Renders an agent's instructions for a run's context.
 *
 * @throws DefinitionError with code `instructions_threw`, which names the agent.
 */
export function renderInstructions({ name, instructions }: AnyAgent, context: Json): string {
  let said: unknown
  try {
    said = instructions({ context })
  } catch (cause) {
    throw bad(name, `threw: ${messageOf(cause)}`, cause)
  }
  if (typeof said === 'string') return said.toWellFormed()
  // Nobody waits for it, and a rejection must not end the process.
  if (said instanceof Promise) said.catch(() => undefined)
  throw bad(name, said instanceof Promise ? 'gave a promise' : `gave what is no text (${typeof said})`)
}

function bad(agent: string, what: string, cause?: unknown): DefinitionError {
  return new DefinitionError({
    code: BAD_INSTRUCTIONS,
    message: `The instructions of agent "${agent}" ${what}. They must give text for every context that its schema takes, at once: mend them, and take the run up again.`,
    details: { agent },
    cause,
  })
}
