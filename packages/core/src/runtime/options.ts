import type { Clock, Logger, Random } from '../contracts/clock.ts'
import type { Model } from '../contracts/model.ts'
import type { Store } from '../contracts/store.ts'
import type { AnyDefinition, Plan } from '../define/plan.ts'
import { planOf } from '../define/plan.ts'
import { DefinitionError } from '../words/errors.ts'
import type { ServicesOf } from './types.ts'

/** What `createRuntime` takes. */
export type RuntimeOptions<Definitions extends readonly AnyDefinition[]> = {
  /** Where runs live. The runtime closes it when it is closed. */
  readonly store: Store
  /** Who answers: `openai()`, or any other model. */
  readonly models: Model
  /** All agents and teams whose runs are started or resumed here. */
  readonly definitions: Definitions
  /** @default the machine's */
  readonly clock?: Clock
  /** @default Math.random */
  readonly random?: Random
  /** @default warnings and errors to stderr */
  readonly log?: Logger
} & (unknown extends ServicesOf<Definitions>
  ? { readonly services?: unknown }
  : { readonly services: ServicesOf<Definitions> })

/** The plans of all definitions by `kind:name`. */
export type Plans = ReadonlyMap<string, Plan>

/**
 * Makes the plans of all definitions.
 *
 * @throws DefinitionError when two share a kind and a name, or a tool needs transactions that the store does not have.
 */
export function makePlans(definitions: readonly AnyDefinition[], store: Store): Plans {
  const plans = new Map<string, Plan>()
  for (const definition of definitions) {
    const { kind, name } = definition
    if (plans.has(`${kind}:${name}`)) {
      throw new DefinitionError({
        code: 'duplicate_name',
        message: `createRuntime was given two ${kind}s named "${name}". Names must differ: rename one of them.`,
        details: { name },
      })
    }
    const plan = planOf(definition)
    if (!store.transact) refuseTransactions(plan)
    plans.set(`${kind}:${name}`, plan)
  }
  return plans
}

function refuseTransactions(plan: Plan): void {
  for (const post of plan.posts.values()) {
    for (const tool of post.tools.values()) {
      if (tool.effect !== 'transactional') continue
      throw new DefinitionError({
        code: 'no_transactions',
        message: `Tool "${tool.name}" is transactional, and this store has no transactions. Use sqlite(...), or the effect 'idempotent' or 'once'.`,
        details: { tool: tool.name },
      })
    }
  }
}
