import { type AnyAgent, type AnyDefinition, type AnyTool, type AnyWorkflow, type WorkflowContext } from '@reprise/core'
import { answer, type ToolPolicy, type Trials } from './policy.ts'

/** Gives a definition whose tools are answered by a policy: the same one for the same definition. */
export type Swap = <D extends AnyDefinition>(definition: D) => D

/** Swaps definitions, and all that they start: agents of a team, agents behind tools, children of a workflow. */
export function swapper(policy: ToolPolicy | undefined, trials: Trials): Swap {
  if (!policy) return (definition) => definition
  const made = new Map<AnyDefinition, AnyDefinition>()
  const swap: Swap = (definition) => {
    let swapped = made.get(definition)
    if (!swapped) made.set(definition, (swapped = swappedOf(definition)))
    // It differs in what its functions do, and in no type.
    return swapped as typeof definition
  }
  const swappedOf = (definition: AnyDefinition): AnyDefinition => {
    switch (definition.kind) {
      case 'agent':
        return withTools(definition)
      case 'team': {
        const agents = new Map([...definition.agents].map(([name, agent]) => [name, withTools(agent)]))
        return { ...definition, agents, entry: agents.get(definition.entry.name) ?? definition.entry }
      }
      case 'workflow':
        return withContext(definition, swap)
      default:
        return definition satisfies never
    }
  }
  const withTools = (agent: AnyAgent): AnyAgent => ({ ...agent, tools: agent.tools.map(toolOf) })
  const toolOf = (tool: AnyTool): AnyTool =>
    tool.child
      ? // It is the definition itself, of which core's types tell the name alone.
        { ...tool, child: swap(tool.child as AnyAgent) }
      : {
          ...tool,
          // To look an answer up twice is no harm, so nothing is ever in doubt.
          effect: 'idempotent',
          prepare: undefined,
          reconcile: undefined,
          execute: (input, ctx) => answer(tool, input, ctx, { policy, trials }),
        }
  return swap
}

function withContext(workflow: AnyWorkflow, swap: Swap): AnyWorkflow {
  // Its code gets a context of the same methods.
  const run = workflow.run as (ctx: WorkflowContext, input: unknown) => Promise<unknown>
  return { ...workflow, run: (ctx: WorkflowContext, input: unknown) => run(swapping(ctx, swap), input) }
}

type Branch = (ctx: WorkflowContext) => Promise<unknown>

/** A context whose children are those that `swap` gives. */
function swapping(ctx: WorkflowContext, swap: Swap): WorkflowContext {
  const inside =
    (branch: Branch): Branch =>
    (ctx) =>
      branch(swapping(ctx, swap))
  const changed: Partial<Record<keyof WorkflowContext, unknown>> = {
    agent: (...[definition, ...rest]: Parameters<WorkflowContext['agent']>) => ctx.agent(swap(definition), ...rest),
    child: (...[workflow, ...rest]: Parameters<WorkflowContext['child']>) => ctx.child(swap(workflow), ...rest),
    map: (
      items: readonly unknown[],
      each: (item: unknown, ctx: WorkflowContext, index: number) => Promise<unknown>,
      options?: { readonly failures?: 'throw' },
    ) => ctx.map(items, (item, ctx, index) => each(item, swapping(ctx, swap), index), options),
    all: (branches: readonly Branch[], options?: object) => ctx.all(branches.map(inside), options),
    race: (branches: readonly Branch[], options?: object) => ctx.race(branches.map(inside), options),
  }
  return new Proxy(ctx, {
    get(target, name: keyof WorkflowContext) {
      const value = changed[name] ?? target[name]
      return typeof value === 'function' && !(name in changed) ? (value.bind(target) as unknown) : value
    },
  })
}
