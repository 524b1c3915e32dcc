// What somebody answers, held against the schema of the tool that asks.
import type { AskedOf } from '../../agent/rules/ask-answer.ts'
import type { Plan } from '../../define/plan.ts'
import type { AnyTool } from '../../define/tool.ts'
import { validate } from '../../schema/decode.ts'
import { explain } from '../../schema/explain.ts'
import { DefinitionError } from '../../values/errors.ts'
import { copyJson, findUnjson, type Json } from '../../values/json.ts'

/**
 * Makes of an answer what is recorded of it, and finds the secrets in it.
 *
 * @param plan today's.
 * @throws DefinitionError with code `bad_answer` when it breaks the tool's `output`, or is no JSON; with `unregistered` when
 * the tool is not known here, so that nobody can check it.
 */
export function acceptAnswer(
  runId: string,
  id: string,
  { tool: name, agent }: AskedOf,
  plan: Plan | undefined,
  value: unknown,
): { readonly result: Json; readonly secrets: readonly string[] } {
  const tool = toolOf(plan, agent, name)
  if (!tool) throw unknownTool(runId, name)
  return acceptResult(tool, `The answer to ${name} at "${id}" of the run "${runId}"`, value)
}

/**
 * Makes of what somebody says that a call has come to what is recorded of it: as the tool's `output` makes it, where it has one.
 *
 * @param where errors call it.
 * @throws DefinitionError with code `bad_answer`.
 */
export function acceptResult(
  tool: AnyTool | undefined,
  where: string,
  value: unknown,
): { readonly result: Json; readonly secrets: readonly string[] } {
  const decoded = tool?.output ? validate(tool.output, value, where) : ({ ok: true, value, secrets: [] } as const)
  if (!decoded.ok) throw bad(`${where} is none. ${explain(decoded.issues)}`)
  const lost = findUnjson(decoded.value)
  if (lost) throw bad(`${where} is no JSON: ${lost.path || 'it'} is ${lost.found}. Give plain JSON.`)
  // What has nothing that JSON cannot say is JSON.
  return { result: copyJson(decoded.value) as Json, secrets: decoded.secrets }
}

/** A tool that has asked may belong to an agent that has handed the run over since. */
export function toolOf(plan: Plan | undefined, agent: string, name: string): AnyTool | undefined {
  if (!plan) return undefined
  const others = [...plan.agents.values()].map(({ tools }) => tools.get(name))
  return plan.agents.get(agent)?.tools.get(name) ?? others.find((tool) => tool !== undefined)
}

function unknownTool(runId: string, name: string): DefinitionError {
  return new DefinitionError({
    code: 'unregistered',
    message: `${name} of the run "${runId}" is no tool of this runtime's definitions: its answer cannot be checked here. Answer it in a runtime whose definitions have the agent with ${name}.`,
    details: { runId, tool: name },
  })
}

function bad(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_answer', message })
}
