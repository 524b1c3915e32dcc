import { askedWords, factLineage, rankFacts } from '@reprise/core'
import type { FactFilter, FactQuery, FactsOf, NewFact, StoredFact } from '@reprise/core'

const DEFAULT_LIMIT = 100

/** How many facts are looked at, at most. */
const LOOKED_AT = 1_000

/** The facts of a memory store, in the order in which they were written. */
export class KeptFacts {
  readonly #facts = new Map<string, StoredFact>()
  #last = 0

  /** As the store's `keepFact`. */
  keep(fact: NewFact): void {
    const place = JSON.stringify([factLineage(fact.scope), fact.memory, fact.key])
    this.#facts.delete(place)
    this.#facts.set(place, { ...fact, id: ++this.#last })
  }

  /** As the store's `facts`. */
  list({ before = Infinity, limit = DEFAULT_LIMIT, ...of }: FactFilter): readonly StoredFact[] {
    const found = [...this.#facts.values()].filter((fact) => fact.id < before && isOf(fact, of))
    return found.toReversed().slice(0, limit)
  }

  /** As the store's `search`. */
  search({ scope, memory, words, limit }: FactQuery): readonly StoredFact[] {
    const asked = askedWords(words)
    const having = rankFacts(this.list({ ...scope, memory, limit: Infinity }), asked, Infinity)
    const newest = having.toSorted((one, other) => other.id - one.id).slice(0, LOOKED_AT)
    return rankFacts(newest, asked, limit)
  }

  /** As the store's `eraseFacts`, without its note. */
  erase(of: FactsOf): number {
    const gone = [...this.#facts].filter(([, fact]) => isOf(fact, of))
    for (const [place] of gone) this.#facts.delete(place)
    return gone.length
  }
}

function isOf({ scope, ...fact }: StoredFact, { tenant, user, memory, key }: FactsOf): boolean {
  const is = (wanted: string | null | undefined, found: string | null): boolean =>
    wanted === undefined || wanted === found
  return is(tenant, scope.tenant) && is(user, scope.user) && is(memory, fact.memory) && is(key, fact.key)
}
