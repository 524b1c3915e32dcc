import { listTraits } from './list-traits.ts'
import { familyNames } from './base-name.ts'
import type { Traits } from './traits.ts'

const listed = new Map(listTraits.map((traits) => [traits.model, traits]))

/**
 * The traits of a model, by its own name or by its family's. A fine-tuned one has those of the model it was made from,
 * but calls one tool at a time: with several it may break the tools' schemas.
 *
 * @returns undefined where nothing is known of it.
 * @example
 * ```ts
 * import { traitsOf } from '@reprise/openai'
 *
 * console.log(traitsOf('gpt-4.1-mini')?.reasons) // false
 * console.log(traitsOf('llama3.2')) // undefined
 * ```
 */
export function traitsOf(model: string, own: Readonly<Record<string, Traits>> = {}): Traits | undefined {
  if (Object.hasOwn(own, model)) return own[model]
  const traits = familyNames(model)
    .map((name) => listed.get(name))
    .find((one) => one !== undefined)
  return traits && model.startsWith('ft:') ? { ...traits, parallelCalls: false } : traits
}
