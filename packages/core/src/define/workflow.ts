import type { InferInput, InferOutput, Schema } from '../contracts/schema.ts'
import type { Jsonify } from '../values/json.ts'
import type { AnyWorkflow } from './any-workflow.ts'
import { checkOptions } from './argument.ts'
import { checkName, checkVersion } from './names.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** What `defineWorkflow` takes. */
export interface WorkflowOptions<Name extends string, Input extends Schema, Output> {
  /** 1 to 64 letters, digits, `_` or `-`. */
  readonly name: Name
  /** @default 1 */
  readonly version?: number
  /** What a run is started with. */
  readonly input: Input
  /** The code. It runs again after a crash, and must come to the same calls of `ctx` again. */
  readonly run: (ctx: WorkflowContext, input: Jsonify<InferOutput<Input>>) => Promise<Output>
}

/** A workflow with its types. */
export interface Workflow<Name extends string = string, Input = unknown, Output = unknown> extends AnyWorkflow {
  readonly name: Name
  readonly '~input'?: Input
  readonly '~output'?: Output
}

/**
 * Defines a workflow: code whose steps are recorded.
 *
 * @throws DefinitionError when the name or the version is refused.
 * @example
 * ```ts
 * import { defineAgent, defineWorkflow } from '@reprise/core'
 * import { z } from 'zod'
 *
 * const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'You help the customers of a shop.' })
 * const nightly = defineWorkflow({
 *   name: 'nightly',
 *   input: z.object({ tickets: z.array(z.string()) }),
 *   async run(ctx, { tickets }) {
 *     const done = await ctx.map(tickets, (ticket, ctx) => ctx.agent(desk, ticket), { concurrency: 8 })
 *     await ctx.step('report', ({ idempotencyKey }) => console.log(`${done.length} answered (${idempotencyKey})`))
 *     return done.length
 *   },
 * })
 * ```
 */
export function defineWorkflow<const Name extends string, Input extends Schema, Output>(
  options: WorkflowOptions<Name, Input, Output>,
): Workflow<Name, InferInput<Input>, Jsonify<Output>> {
  checkOptions('defineWorkflow was given options', options, 'Give it { name, input, run }.')
  const { name, version = 1, input, run } = options
  checkName('A workflow', name)
  checkVersion(`Workflow "${name}"`, version)
  // The engine gives the code the input that its schema accepted.
  return { kind: 'workflow', name, version, input, run: run as AnyWorkflow['run'] }
}
