import { familyNames } from './base-name.ts'
import type { ModelFacts } from './facts.ts'
import { listFacts, type ListedFacts } from './list-facts.ts'

const listed = new Map(listFacts.map((facts) => [facts.model, facts]))

/**
 * How much a model reads and writes and when it ends, as far as that is known: by its own name or by its family's. A
 * fine-tuned one ends with the model that it was made from.
 *
 * @param own Facts by exact name, which go before those that are listed.
 * @returns With the day and the source where they are listed; undefined where nothing is known of it.
 * @example
 * ```ts
 * import { factsOf } from '@reprise/openai'
 *
 * console.log(factsOf('gpt-4.1-mini')?.retires) // 2027-01-14
 * console.log(factsOf('llama3.2')) // undefined
 * ```
 */
export function factsOf(
  model: string,
  own: Readonly<Record<string, ModelFacts>> = {},
): (ModelFacts & Partial<Pick<ListedFacts, 'asOf' | 'source'>>) | undefined {
  if (Object.hasOwn(own, model)) return own[model]
  return familyNames(model)
    .map((name) => listed.get(name))
    .find((facts) => facts !== undefined)
}
