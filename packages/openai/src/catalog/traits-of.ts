import { listTraits } from './list-traits.ts'
import { listedNames } from './base-name.ts'
import type { Traits } from './traits.ts'

const listed = new Map(listTraits.map((traits) => [traits.model, traits]))

/**
 * The traits of a model, by its own name or by its family's. A fine-tuned one has those of the model it was made from,
 * but calls one tool at a time: with several it may break the tools' schemas.
 *
 * @returns undefined where nothing is known of it.
 */
export function traitsOf(model: string, own: Readonly<Record<string, Traits>> = {}): Traits | undefined {
  if (Object.hasOwn(own, model)) return own[model]
  for (const name of listedNames(model)) {
    const tuned = name.startsWith('ft:')
    const traits = listed.get(tuned ? name.slice(3) : name)
    if (traits) return tuned ? { ...traits, parallelCalls: false } : traits
  }
  return undefined
}
