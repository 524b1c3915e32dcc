import type { Decoded } from '../schema/issue.ts'
import { compile, type CompiledSchema } from '../schema/compile.ts'
import { DefinitionError } from '../values/errors.ts'
import type { AgentToolOptions } from './agent-tool.ts'
import type { AnyWorkflow } from './any-workflow.ts'
import { checkKind, checkOptions } from './argument.ts'
import type { OutputGiven } from './given.ts'
import { checkName } from './names.ts'
import { ownTool } from './own-tool.ts'
import { checkBound, type Tool } from './tool.ts'

/** The input of a workflow's runs; what is not typed is anything. */
type InputGiven<D> = D extends { readonly '~input'?: infer Input } ? Exclude<Input, undefined> : unknown

/**
 * Makes a tool of a workflow: a call is a child run with a journal of its own, which is given what the calling model writes,
 * by the workflow's own input schema. Its definition must be one of the runtime's.
 *
 * The call waits as long as the workflow does: for a timer, a signal or a person, over restarts. It is cancelled with its
 * caller.
 *
 * @throws DefinitionError when a strict schema cannot say the workflow's input, or that is no object.
 * @example
 * ```ts
 * import { createRuntime, defineAgent, defineWorkflow, workflowTool } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 * import { z } from 'zod'
 *
 * const ship = defineWorkflow({
 *   name: 'ship',
 *   input: z.object({ orderId: z.string() }),
 *   run: async (ctx, { orderId }) => ctx.step('book', () => `${orderId} is booked`),
 * })
 * const shipOrder = workflowTool(ship, { name: 'ship_order', description: 'Ships an order, and says when it arrives.' })
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You ship orders.', tools: [shipOrder] })
 * await using runtime = createRuntime({ store: sqlite('desk.db'), models: openai(), definitions: [desk, ship] })
 * ```
 */
export function workflowTool<const Name extends string, D extends AnyWorkflow>(
  workflow: D,
  options: AgentToolOptions<Name>,
): Tool<Name, InputGiven<D>, OutputGiven<D>> {
  const makes = 'Give it what defineWorkflow gave, and { name, description }.'
  checkKind('workflowTool was given workflow', workflow, ['workflow'], makes)
  checkOptions('workflowTool was given options', options, makes)
  const { name, description, maxResultTokens } = options
  checkName('A tool', name)
  checkBound(`Tool "${name}"`, maxResultTokens)
  const where = `Tool "${name}": the input of workflow "${workflow.name}"`
  const input = asWritten(compile(workflow.input, where))
  if (input.wrapped)
    throw new DefinitionError({
      code: 'schema_unsupported',
      message: `${where} is not an object, and the arguments of a call are one. Use an object with a property for it.`,
    })
  // Its child run has an id that follows from the call: running it again is taking it up again.
  return ownTool({ name, description, effect: 'idempotent', input, maxResultTokens, child: workflow })
}

/** The run that begins holds its input against the schema itself: what the schema makes of it must not be made twice. */
function asWritten(schema: CompiledSchema): CompiledSchema {
  const keep =
    (decode: (value: unknown) => Decoded) =>
    (value: unknown): Decoded => {
      const decoded = decode(value)
      return decoded.ok ? { ok: true, value: schema.restored(value) } : decoded
    }
  return { ...schema, decode: keep(schema.decode), decodeHidden: keep(schema.decodeHidden) }
}
