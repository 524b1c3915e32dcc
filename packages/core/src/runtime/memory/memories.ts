import type { AuditNote, Author, By } from '../../contracts/audit.ts'
import type { FactScope } from '../../contracts/fact.ts'
import { badArgument, checkOptions } from '../../define/argument.ts'
import type { AnyMemory } from '../../define/memory.ts'
import { checkText } from '../../define/names.ts'
import { type AnyDefinition, planOf } from '../../define/plan.ts'
import { textOfFact } from '../../journal/fact-text.ts'
import { explain } from '../../schema/explain.ts'
import { DefinitionError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'
import type { Engine } from '../../engine/engine.ts'
import { authorOf } from '../setup/author.ts'
import type { Whose } from '../setup/whose.ts'
import { decodeFact, type Fact } from './fact.ts'
import { type Quote, quotesOf } from './quotes.ts'

/** The memory that is meant where none is named. */
const NAME = 'memory'

/** The most facts that are read at once. */
const PAGE = 1_000

/** Whose facts are meant: a person's (`user`, and their tenant where they have one), or a tenant's (`tenant` alone). */
export interface FactsWhose extends Whose {
  /** The name of a memory. @default all of them */
  readonly memory?: string
  /** One fact. It is of the memory that is named. @default all */
  readonly key?: string
}

/** Which facts are listed. */
export interface FactListOptions extends FactsWhose {
  /** Those written before the one of this id: the last of the page before. */
  readonly before?: number
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
  /** On whose behalf: that they were given what is known is kept in the audit. @default it is not */
  readonly reader?: By
}

/** A fact that somebody sets. */
export interface PutFactOptions extends Whose {
  /** The name of the memory. @default 'memory' */
  readonly memory?: string
  /** The fact, as the memory's schema takes it. */
  readonly value: Json
  /** Who says so: it is kept with the fact, and in the audit. */
  readonly by: By
}

/** Which facts are erased. */
export interface EraseFactsOptions extends FactsWhose {
  /** Who wants it: it is kept in the audit. */
  readonly by: By
}

/** What was erased. */
export interface ErasedFacts {
  readonly facts: number
  /** The runs whose journals quote them: what a model was told stands there until the run is erased. */
  readonly quotedBy: readonly Quote[]
  /** Somebody reads the store's files just then: what was erased is gone from them when that ends. */
  readonly pending?: true
}

/** What the memories of a runtime stand on. */
export interface MemoriesParts {
  readonly engine: Pick<Engine, 'store' | 'clock'>
  /** Refuses where the runtime is closed. */
  readonly checkOpen: () => void
  /** Gives whose facts are meant: a runtime of one tenant has no other's. */
  readonly whose: (what: string, given: Whose) => FactScope
}

/** What is known of people and tenants across runs: listed, corrected and erased. */
export class Memories {
  readonly #parts: MemoriesParts
  readonly #definitions: readonly AnyDefinition[]

  constructor(parts: MemoriesParts, definitions: readonly AnyDefinition[]) {
    this.#parts = parts
    this.#definitions = definitions
  }

  /**
   * The facts of a person or a tenant, the newest first, a page at a time.
   *
   * @throws DefinitionError when nobody is named, or an option is not what it must be.
   */
  async list(options: FactListOptions): Promise<readonly Fact[]> {
    const scope = this.#scope('runtime.memory.list', options)
    const { reader, limit = 100, before } = options
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > PAGE)
      throw badArgument('runtime.memory.list was given limit', limit, `Give it a whole number of 1 to ${PAGE}.`)
    const { store } = this.#parts.engine
    const facts = await store.facts({ ...whichOf(scope, options), limit, ...(before !== undefined && { before }) })
    if (reader !== undefined)
      await store.note([this.#note('read', authorOf('runtime.memory.list', { by: reader }), scope, options.memory)])
    return facts.map(decodeFact)
  }

  /**
   * Sets a fact, in the place of the one of its key. Runs that begin from then on are told it.
   *
   * @throws DefinitionError when nobody is named, no agent of this runtime has the memory for them, or the fact breaks its schema
   * (`bad_fact`) or its bounds.
   */
  async put(options: PutFactOptions): Promise<Fact> {
    const what = 'runtime.memory.put'
    const scope = this.#scope(what, options)
    const by = authorOf(what, options)
    const { memory = NAME, value } = options
    const { card, schema } = this.#memory(memory, scope)
    const decoded = schema.decode(value)
    if (!decoded.ok)
      throw badFact('bad_fact', `The fact given for the memory "${memory}" is wrong. ${explain(decoded.issues)}`)
    const refused = (code: string, why: string): DefinitionError => badFact(code, `The fact is not kept: ${why}.`)
    const { key, text } = textOfFact(card, decoded.value, undefined, refused)
    const { store, clock } = this.#parts.engine
    const fact = { scope, memory, key, at: clock.now(), text, origin: { kind: 'set', by } } as const
    await store.keepFact(fact, this.#note('remembered', by, scope, memory))
    const [kept] = await store.facts({ ...scope, memory, key })
    // Somebody may have erased it by then.
    return decodeFact(kept ?? { ...fact, id: 0 })
  }

  /**
   * Erases one fact, those of a memory, or all that is known of a person or a tenant: from the store's files too, and where it
   * is encrypted the key goes with the last of them. What is known may be learned anew from then on.
   *
   * @returns how many, and which runs quote them.
   * @throws DefinitionError when nobody is named, or `by` is not what it must be.
   */
  async erase(options: EraseFactsOptions): Promise<ErasedFacts> {
    const what = 'runtime.memory.erase'
    const scope = this.#scope(what, options)
    const by = authorOf(what, options)
    const { store } = this.#parts.engine
    const which = whichOf(scope, options)
    const meant = new Map<string, Set<string>>()
    for (let page = await store.facts({ ...which, limit: PAGE }); page.length > 0;) {
      for (const { memory, key } of page) meant.set(memory, (meant.get(memory) ?? new Set()).add(key))
      const last = page.at(-1)
      page = last && page.length === PAGE ? await store.facts({ ...which, limit: PAGE, before: last.id }) : []
    }
    const quotedBy = meant.size === 0 ? [] : await quotesOf(store, scope, meant)
    return { ...(await store.eraseFacts(which, this.#note('erased', by, scope, options.memory))), quotedBy }
  }

  #scope(what: string, given: FactsWhose): FactScope {
    checkOptions(
      `${what} was given options`,
      given,
      'Give it { user }, { tenant, user } or { tenant }, and what is wanted.',
    )
    this.#parts.checkOpen()
    for (const part of ['memory', 'key'] as const) if (given[part] !== undefined) checkText(what, part, given[part])
    const { tenant, user } = this.#parts.whose(what, given)
    const scope = { tenant, user }
    if (scope.tenant === null && scope.user === null)
      throw badArgument(
        `${what} was given options`,
        given,
        'Give it { user }, { tenant, user } or { tenant }: nobody is not everybody.',
      )
    return scope
  }

  #memory(name: string, { user }: FactScope): AnyMemory {
    const scope = user === null ? 'tenant' : 'user'
    const agents = this.#definitions.flatMap((one) => (one.kind === 'workflow' ? [] : [...planOf(one).agents.values()]))
    const memories = agents.flatMap(({ agent }) => agent.memory)
    const found = memories.find(({ card }) => card.name === name && card.scope === scope)
    if (found) return found
    const others = [...new Set(memories.map(({ card }) => `"${card.name}" (${card.scope})`))]
    throw new DefinitionError({
      code: 'unknown_memory',
      message: `No agent of this runtime has a memory "${name}" of a ${scope}. There is: ${others.join(', ') || 'none'}.`,
      details: { memory: name },
    })
  }

  /** Without what it says, and without whose it is: that stands longer than the fact. */
  #note(action: AuditNote['action'], by: Author, { tenant }: FactScope, memory: string | undefined): AuditNote {
    const what = memory === undefined ? 'facts' : `memory ${memory}`
    return { at: this.#parts.engine.clock.now(), action, by, runId: null, lineageId: null, tenant, what }
  }
}

/** A key is one of the memory that is named. */
function whichOf(scope: FactScope, { memory, key }: FactsWhose) {
  if (key !== undefined) return { ...scope, memory: memory ?? NAME, key }
  return { ...scope, ...(memory !== undefined && { memory }) }
}

function badFact(code: string, message: string): DefinitionError {
  return new DefinitionError({ code, message })
}
