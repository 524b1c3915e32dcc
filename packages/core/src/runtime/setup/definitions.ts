import type { DefinitionRef } from '../../contracts/entry.ts'
import type { Store } from '../../contracts/store.ts'
import { checkKind } from '../../define/argument.ts'
import { checkChildContext } from '../../define/child-context.ts'
import { type AnyDefinition, type Plan, planOf } from '../../define/plan.ts'
import { DefinitionError } from '../../values/errors.ts'

type Named = Pick<DefinitionRef, 'kind' | 'name'>

/** The definitions that a runtime knows. Several versions of one name may stand side by side. */
export class Definitions {
  /** By kind and name, the newest version first. */
  readonly #known = new Map<string, readonly AnyDefinition[]>()

  /**
   * @throws DefinitionError when two share a kind, a name and a version, or a tool needs transactions that the store does
   * not have.
   */
  constructor(definitions: readonly AnyDefinition[], store: Store) {
    for (const definition of definitions) {
      const { kind, name, version } = definition
      const others = this.#versions(definition)
      if (others.some((other) => other.version === version)) throw twoAlike(definition)
      if (kind !== 'workflow' && !store.transact) refuseTransactions(planOf(definition))
      this.#known.set(
        `${kind} ${name}`,
        [...others, definition].toSorted((one, other) => other.version - one.version),
      )
    }
    for (const definition of definitions) if (definition.kind !== 'workflow') this.#checkChildren(planOf(definition))
  }

  /**
   * Today's definitions of a stored run in the order in which they are tried: the version that it was started with, where
   * that is here, then the newest first.
   *
   * @throws DefinitionError with code `unregistered`.
   */
  of(run: DefinitionRef): readonly [AnyDefinition, ...AnyDefinition[]] {
    const { kind, name, version } = run
    const all = this.#versions(run)
    const [first, ...others] = [
      ...all.filter((definition) => definition.version === version),
      ...all.filter((definition) => definition.version !== version),
    ]
    if (first) return [first, ...others]
    throw new DefinitionError({
      code: 'unregistered',
      // Another process may have it, or this one after a deploy.
      mendable: true,
      message: `The ${kind} "${name}" is not one of this runtime's definitions: ${[...this.#known.keys()].join(', ') || 'none'}. Add it to createRuntime({ definitions }).`,
      details: { kind, name },
    })
  }

  /**
   * The newest version of a stored run's definition.
   *
   * @throws DefinitionError with code `unregistered`.
   */
  newest(run: DefinitionRef): AnyDefinition {
    return this.#versions(run)[0] ?? this.of(run)[0]
  }

  /** How a stored run of an agent or a team would be taken up today; undefined for a workflow's, or where its definition is not known. */
  planOf(run: DefinitionRef): Plan | undefined {
    const [definition] = this.has(run) ? this.of(run) : []
    return definition && definition.kind !== 'workflow' ? planOf(definition) : undefined
  }

  /** The kinds and names that are known. */
  get names(): readonly Named[] {
    return [...this.#known.values()].flatMap(([newest]) => newest ?? [])
  }

  /** Whether a stored run's definition is known. */
  has(run: Named): boolean {
    return this.#versions(run).length > 0
  }

  /**
   * Checks that a definition is one of these, the object itself.
   *
   * @throws DefinitionError with code `unregistered`, or `bad_argument` where it is no definition.
   */
  check(definition: AnyDefinition): void {
    const expected = 'Give one of those that createRuntime was given, and then what the run is to begin with.'
    checkKind('The definition of a run was given', definition, ['agent', 'team', 'workflow'], expected)
    if (this.of(definition)[0] === definition) return
    throw new DefinitionError({
      code: 'unregistered',
      mendable: true,
      message: `The ${definition.kind} "${definition.name}" is another object than the one that createRuntime was given under that name and version. Use that one.`,
      details: { kind: definition.kind, name: definition.name },
    })
  }

  #versions({ kind, name }: Named): readonly AnyDefinition[] {
    return this.#known.get(`${kind} ${name}`) ?? []
  }

  #checkChildren(plan: Plan): void {
    for (const agentPlan of plan.agents.values()) {
      for (const { name, child } of agentPlan.tools.values()) {
        if (!child) continue
        const known = this.#versions(child).find((definition) => definition === child)
        if (known) {
          // A workflow is called with its input alone.
          if (known.kind !== 'workflow') checkChildContext(plan, name, planOf(known))
          continue
        }
        throw new DefinitionError({
          code: 'unregistered',
          message: `Tool "${name}" runs the ${child.kind} "${child.name}", which is not one of this runtime's definitions. Add it to createRuntime({ definitions }).`,
          details: { tool: name, name: child.name },
        })
      }
    }
  }
}

function twoAlike({ kind, name, version }: AnyDefinition): DefinitionError {
  return new DefinitionError({
    code: 'duplicate_name',
    message: `createRuntime was given two ${kind}s named "${name}", both version ${version}. Rename one of them or, to let two versions stand side by side, give them versions of their own.`,
    details: { name, version },
  })
}

function refuseTransactions(plan: Plan): void {
  for (const agentPlan of plan.agents.values()) {
    for (const tool of agentPlan.tools.values()) {
      if (tool.effect !== 'transactional') continue
      throw new DefinitionError({
        code: 'no_transactions',
        message: `Tool "${tool.name}" is transactional, and this store has no transactions. Use sqlite(...), or the effect 'idempotent' or 'once'.`,
        details: { tool: tool.name },
      })
    }
  }
}
