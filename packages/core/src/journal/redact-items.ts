// Redacts secrets in a conversation on its way to a model (invariant 10), each item once (invariant 1).
// engine/effort/ask-model.ts calls this.
import type { Item } from '../contracts/item.ts'
import { redactItem } from './redact.ts'
import type { Secrets } from './secrets.ts'

/** Items as they read without a set of secrets: each is looked through once (invariant 1). */
const known = new WeakMap<object, WeakMap<Item, Item>>()

/** Redacts secrets in a conversation: what was said before they were known may have them. */
export function redactItems(items: readonly Item[], { redact, version }: Secrets): readonly Item[] {
  if (!version) return items
  let hidden = known.get(version)
  if (!hidden) known.set(version, (hidden = new WeakMap()))
  return items.map((item) => {
    let without = hidden.get(item)
    if (!without) hidden.set(item, (without = redactItem(item, redact)))
    return without
  })
}
