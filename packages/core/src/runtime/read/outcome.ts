import type { FailureKind, Interrupted, RecordedError, Waiting } from '../../contracts/entry.ts'
import type { Totals } from '../../contracts/totals.ts'
import type { Standing } from '../../engine/session/row.ts'
import { OutcomeError } from '../../values/errors.ts'
import type { Json } from '../../values/json.ts'

/**
 * Why a run rests: somebody must act, or this process could not go on and the run can be resumed. Where even that could
 * not be written, the store itself failed, the error alone is known.
 */
export type Rest = Waiting | (Pick<Interrupted, 'kind' | 'error'> & Partial<Omit<Interrupted, 'kind' | 'error'>>)

/** How a run stands when this process has done what it can for it. */
export type Outcome<Output = Json> = { readonly totals: Totals } & (
  | { readonly kind: 'completed'; readonly output: Output }
  /** `waiting` is what ends soonest; `waits` is all that it waits for. */
  | { readonly kind: 'waiting'; readonly waiting: Rest; readonly waits: readonly Rest[] }
  | { readonly kind: FailureKind; readonly error: RecordedError; readonly text?: string }
  /** `text` is what the model had said by then of a reply that was under way. */
  | { readonly kind: 'cancelled'; readonly reason: string; readonly text?: string }
)

/** The outcome of a run as it stands; one that neither ended nor waits was stopped. */
export function outcomeOf({ ending, waiting, waits, totals }: Standing): Outcome {
  if (ending?.kind === 'completed') return { kind: 'completed', output: ending.output, totals }
  if (ending) return { ...ending, totals }
  if (waiting) return { kind: 'waiting', waiting, waits: waits ?? [waiting], totals }
  return interruptedOutcome(
    { code: 'runtime_stopped', message: 'The runtime was stopped. Resume the run to go on.' },
    totals,
  )
}

/** The outcome of a run that this process could not bring further. */
export function interruptedOutcome(error: RecordedError, totals: Totals): Outcome & { readonly kind: 'waiting' } {
  const waiting = { kind: 'interrupted', error } as const
  return { kind: 'waiting', waiting, waits: [waiting], totals }
}

/**
 * Unwraps a completed run's output.
 *
 * @throws OutcomeError whose code is the outcome's kind.
 */
export function resultOf<Output>(runId: string, outcome: Outcome<Output>): Output {
  switch (outcome.kind) {
    case 'completed':
      return outcome.output
    case 'waiting':
      throw outcomeError(runId, outcome.kind, `waits: ${describeRest(outcome.waiting)}`)
    case 'cancelled':
      throw outcomeError(runId, outcome.kind, `was cancelled: ${outcome.reason}`)
    case 'failed':
    case 'refused':
    case 'incomplete':
    case 'over-budget':
      throw outcomeError(runId, outcome.kind, `ended as ${outcome.kind}: ${outcome.error.message}`)
    default:
      return outcome satisfies never
  }
}

function outcomeError(runId: string, code: string, what: string): OutcomeError {
  return new OutcomeError({ code, message: `The run "${runId}" ${what}`, details: { runId } })
}

function describeRest(rest: Rest): string {
  switch (rest.kind) {
    case 'interrupted':
      return rest.error.message
    case 'in-doubt':
      return `nobody knows whether ${rest.tool} at ${rest.id} happened. Look, then call runtime.settleDoubt.`
    case 'approval':
      return `for somebody to allow ${rest.tool} at ${rest.id}${untilOf(rest)}. Call runtime.approve or runtime.reject.`
    case 'answer':
      return `for somebody to answer ${rest.tool}, as "${rest.id}"${untilOf(rest)}. Call runtime.answer.`
    case 'signal':
      return `for the signal "${rest.signal}"${untilOf(rest)}. Send it with runtime.send.`
    case 'child':
      return `for its child run "${rest.runId}"${untilOf(rest)}.`
    case 'turn':
      return `for the turn "${rest.runId}" of its session to end.`
    case 'timer':
      return `${untilOf(rest).trim()}.`
    case 'retry':
      return `${untilOf(rest).trim()}, when ${rest.key} is tried again.`
    case 'quarantined':
      return `it is in quarantine. ${rest.reason} Look at it, then call runtime.unquarantine.`
    default:
      return rest satisfies never
  }
}

function untilOf({ until }: { readonly until?: number }): string {
  return until === undefined ? '' : ` until ${new Date(until).toISOString()}`
}
