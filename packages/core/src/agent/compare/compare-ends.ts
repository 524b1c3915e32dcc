// How a recording and a candidate ended, held against each other. Pure.
import type { Entry, FailureKind } from '../../contracts/entry.ts'
import type { Json } from '../../values/json.ts'
import { endingOf } from '../state/ending.ts'
import { differences, type FieldChange, type Places } from './places.ts'

/** How one side ended. `open`: it has not, or the candidate was stopped, or stands where the recording stands. */
export type BacktestOutcome =
  | { readonly kind: 'completed'; readonly output: Json }
  | { readonly kind: FailureKind; readonly code: string; readonly message: string }
  | { readonly kind: 'cancelled'; readonly reason: string }
  | { readonly kind: 'open' }

/** The ends of both sides. There where both have ended of themselves. */
export interface EndComparison {
  /** Whether both ended in the same way: completed, or failed for the same reason. */
  readonly same: boolean
  /** The places of the answer, where a schema holds it: how many there are on either side, and how many are the same. */
  readonly fields: { readonly of: number; readonly same: number }
  readonly changes: readonly FieldChange[]
  /** Whether words differ that count for nothing: an answer without a schema, and places that are to be ignored. */
  readonly reworded: boolean
}

/** The outcome of a journal. */
export function outcomeOf(entries: readonly Entry[]): BacktestOutcome {
  const last = entries.at(-1)
  const ending = last ? endingOf(last) : null
  if (!ending) return { kind: 'open' }
  if (ending.kind === 'completed') return { kind: 'completed', output: ending.output }
  if (ending.kind === 'cancelled') return { kind: 'cancelled', reason: ending.reason }
  const { kind, error } = ending
  return { kind, code: error.code, message: error.message }
}

/** Whether a journal ended of itself: it is not open, was not cancelled, and its model's service did not fail for good. */
export function hasEnded(entries: readonly Entry[]): boolean {
  const last = entries.at(-1)
  if (last?.kind === 'run.completed') return true
  return last?.kind === 'run.failed' && unanswered(entries) === undefined
}

/** The failure of a model's service that ended a journal. */
export function unanswered(entries: readonly Entry[]): Extract<Entry, { kind: 'model.failed' }> | undefined {
  const before = entries.at(-2)
  return entries.at(-1)?.kind === 'run.failed' && before?.kind === 'model.failed' ? before : undefined
}

/**
 * Holds two ends against each other.
 *
 * @param words whether no schema holds the answer.
 */
export function compareEnds(
  recorded: BacktestOutcome,
  candidate: BacktestOutcome,
  ignored: Places,
  words: boolean,
): EndComparison {
  if (recorded.kind === 'completed' && candidate.kind === 'completed') {
    if (words) {
      const reworded = recorded.output !== candidate.output
      return { same: true, fields: { of: 0, same: 0 }, changes: [], reworded }
    }
    const { of, same, changes, reworded } = differences(recorded.output, candidate.output, ignored)
    return { same: true, fields: { of, same }, changes, reworded }
  }
  const same = recorded.kind === candidate.kind && codeOf(recorded) === codeOf(candidate)
  return { same, fields: { of: 0, same: 0 }, changes: [], reworded: false }
}

function codeOf(outcome: BacktestOutcome): string {
  return 'code' in outcome ? outcome.code : ''
}
