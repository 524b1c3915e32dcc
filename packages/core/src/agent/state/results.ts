import type { ResultItem } from '../../contracts/item.ts'
import type { CallState } from './state.ts'

/** What the model hears of the calls of a reply that are settled, in their order. */
export function settledResults(calls: readonly CallState[]): ResultItem[] {
  // Half an emoji, as a cut leaves it, is refused by servers that read JSON strictly: a mark stands in its place.
  return calls.flatMap(({ call, stage }) =>
    stage.kind === 'settled' ? { kind: 'result', callId: call.callId, output: stage.told.toWellFormed() } : [],
  )
}
