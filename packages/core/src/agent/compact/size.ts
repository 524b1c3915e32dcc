// How many tokens a request is, about: from the last that its service has counted on, only what is new is estimated.
import type { Item } from '../../contracts/item.ts'
import { estimateTokens } from '../../values/estimate-tokens.ts'
import { conversation, held } from '../state/fold.ts'
import type { AgentState } from '../state/state.ts'

/** What an item is beside its words. */
const FRAME = 6

/** A picture as most models see it; of a file nothing is known. */
const PICTURE = 1_000

const known = new WeakMap<Item, number>()

/** The tokens of one item. */
export function sizeOf(item: Item): number {
  let size = known.get(item)
  if (size === undefined) known.set(item, (size = FRAME + wordsOf(item)))
  return size
}

/** The tokens of several. */
export function sizeOfAll(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + sizeOf(item), 0)
}

/** The tokens of what is asked next. */
export function requestSize(state: AgentState): number {
  const items = conversation(state)
  if (state.measured) return state.measured.tokens + sizeOfAll(items.slice(state.measured.length))
  const { card, instructions } = held(state)
  return estimateTokens(instructions) + estimateTokens(JSON.stringify(card.tools)) + sizeOfAll(items)
}

function wordsOf(item: Item): number {
  switch (item.kind) {
    case 'user':
      return (item.parts ?? []).reduce(
        (sum, part) => sum + (part.kind === 'text' ? estimateTokens(part.text) : part.kind === 'image' ? PICTURE : 0),
        estimateTokens(item.text),
      )
    case 'assistant':
    case 'refusal':
      return estimateTokens(item.text)
    case 'reasoning':
      return estimateTokens(item.text) + Math.ceil((item.encrypted?.length ?? 0) / 6)
    case 'call':
      return estimateTokens(item.name) + estimateTokens(item.arguments)
    case 'result':
      return estimateTokens(item.output)
    case 'hosted':
      return estimateTokens(JSON.stringify(item.item))
    default:
      return item satisfies never
  }
}
