import type { Store } from '../contracts/store.ts'
import { type AnyDefinition, type Plan, planOf } from '../define/plan.ts'
import { DefinitionError } from '../words/errors.ts'

/** The definitions that a runtime knows, by kind and name. */
export class Definitions {
  readonly #known = new Map<string, AnyDefinition>()

  /**
   * @throws DefinitionError when two share a kind and a name, or a tool needs transactions that the store does not have.
   */
  constructor(definitions: readonly AnyDefinition[], store: Store) {
    for (const definition of definitions) {
      const { kind, name } = definition
      if (this.#known.has(`${kind} ${name}`)) {
        throw new DefinitionError({
          code: 'duplicate_name',
          message: `createRuntime was given two ${kind}s named "${name}". Names must differ: rename one of them.`,
          details: { name },
        })
      }
      if (kind !== 'workflow' && !store.transact) refuseTransactions(planOf(definition))
      this.#known.set(`${kind} ${name}`, definition)
    }
    for (const definition of definitions) if (definition.kind !== 'workflow') this.#checkChildren(planOf(definition))
  }

  /**
   * Today's definition of a stored run.
   *
   * @throws DefinitionError with code `unregistered`.
   */
  of({ kind, name }: { readonly kind: string; readonly name: string }): AnyDefinition {
    const definition = this.#known.get(`${kind} ${name}`)
    if (definition) return definition
    throw new DefinitionError({
      code: 'unregistered',
      message: `The ${kind} "${name}" is not one of this runtime's definitions: ${[...this.#known.keys()].join(', ') || 'none'}. Add it to createRuntime({ definitions }).`,
      details: { kind, name },
    })
  }

  /** Whether a stored run's definition is known. */
  has({ kind, name }: { readonly kind: string; readonly name: string }): boolean {
    return this.#known.has(`${kind} ${name}`)
  }

  /**
   * Checks that a definition is one of these, the object itself.
   *
   * @throws DefinitionError with code `unregistered`.
   */
  check(definition: AnyDefinition): void {
    if (this.of(definition) === definition) return
    throw new DefinitionError({
      code: 'unregistered',
      message: `The ${definition.kind} "${definition.name}" is another object than the one that createRuntime was given under that name. Use that one.`,
      details: { kind: definition.kind, name: definition.name },
    })
  }

  #checkChildren(plan: Plan): void {
    for (const post of plan.posts.values()) {
      for (const { name, child } of post.tools.values()) {
        if (!child || this.#known.get(`${child.kind} ${child.name}`) === child) continue
        throw new DefinitionError({
          code: 'unregistered',
          message: `Tool "${name}" runs the ${child.kind} "${child.name}", which is not one of this runtime's definitions. Add it to createRuntime({ definitions }).`,
          details: { tool: name, name: child.name },
        })
      }
    }
  }
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
