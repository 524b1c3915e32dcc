// What facts are found by: every store finds the same ones, in the same order.
import type { FactScope, NewFact } from '../contracts/fact.ts'
import type { Json } from '../values/json.ts'
import { wordsOf } from '../values/words.ts'

/** The most words of a question that are looked for. */
const MOST_WORDS = 32

/**
 * The id of the lineage that a scope's facts are kept under: no run has such an id.
 *
 * @example
 * ```ts
 * import { factLineage } from '@reprise/core'
 *
 * console.log(factLineage({ tenant: 'acme', user: null })) // facts ["acme",null]
 * ```
 */
export function factLineage({ tenant, user }: FactScope): string {
  return `facts ${JSON.stringify([tenant, user])}`
}

/**
 * The words that a fact is found by, each once: those of its key and of the texts and numbers in it, in small letters.
 *
 * @example
 * ```ts
 * import { factWords } from '@reprise/core'
 *
 * console.log(factWords({ key: 'size', text: '{"shoe":"44 (EU)"}' })) // [ 'size', 'shoe', '44', 'eu' ]
 * ```
 */
export function factWords({ key, text }: Pick<NewFact, 'key' | 'text'>): readonly string[] {
  return wordsOf([key, ...saidIn(JSON.parse(text) as Json)].join('\n'))
}

function* saidIn(value: Json): Generator<string, void, undefined> {
  if (typeof value === 'string' || typeof value === 'number') yield String(value)
  // `Array.isArray` knows no lists that are only read.
  else if (Array.isArray(value)) for (const element of value as readonly Json[]) yield* saidIn(element)
  else if (typeof value === 'object' && value !== null)
    for (const [name, member] of Object.entries(value)) {
      yield name
      if (member !== undefined) yield* saidIn(member)
    }
}

/**
 * The words that are looked for: at most 32.
 *
 * @example
 * ```ts
 * import { askedWords } from '@reprise/core'
 *
 * console.log(askedWords('Which size? Size 44!')) // [ 'which', 'size', '44' ]
 * ```
 */
export function askedWords(question: string): readonly string[] {
  return wordsOf(question).slice(0, MOST_WORDS)
}

/**
 * Those of some facts that have at least one of the words, the ones with the most of them first; of these the order stays.
 *
 * @param facts the newest first.
 * @example
 * ```ts
 * import { rankFacts } from '@reprise/core'
 *
 * const facts = [{ key: 'size', text: '"44"' }, { key: 'shoe_size', text: '"44 wide"' }]
 * console.log(rankFacts(facts, ['wide', '44'], 10).map(({ key }) => key)) // [ 'shoe_size', 'size' ]
 * ```
 */
export function rankFacts<Fact extends Pick<NewFact, 'key' | 'text'>>(
  facts: readonly Fact[],
  words: readonly string[],
  limit: number,
): readonly Fact[] {
  const asked = new Set(words)
  const counted = facts.map((fact) => ({ fact, count: factWords(fact).filter((word) => asked.has(word)).length }))
  return counted
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count)
    .slice(0, limit)
    .map(({ fact }) => fact)
}
