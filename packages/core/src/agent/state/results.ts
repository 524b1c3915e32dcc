import type { InputPart, ResultItem } from '../../contracts/item.ts'
import type { CallState } from './state.ts'

/** What the model hears of the calls of a reply that are settled, in their order. */
export function settledResults(calls: readonly CallState[]): ResultItem[] {
  // Half an emoji, as a cut leaves it, is refused by servers that read JSON strictly: a mark stands in its place.
  return calls.flatMap(({ call: { callId }, stage }): ResultItem[] => {
    if (stage.kind !== 'settled') return []
    const { told, parts } = stage
    return [{ kind: 'result', callId, output: told.toWellFormed(), ...(parts && { parts: parts.map(wellFormed) }) }]
  })
}

/** A part of what is said without half an emoji in its words. */
export function wellFormed(part: InputPart): InputPart {
  return part.kind === 'text' ? { ...part, text: part.text.toWellFormed() } : part
}
