import type { Call } from '../seen/calls.ts'
import type { Scorer, Trial } from '../define/scorer.ts'
import { canonical } from '../seen/canonical.ts'
import { NOT_RECORDED } from '../tools/policy.ts'

/** A call that is wanted. */
export interface WantedCall {
  readonly name: string
  /** Members that its arguments must have, with these values; others may be there too. @default any arguments */
  readonly arguments?: Readonly<Record<string, unknown>>
}

/**
 * Scores which part of the wanted calls were made in their order; others may come in between. Calls that were refused, or that
 * failed, count for none.
 *
 * @param wanted the calls, or what says them of a row.
 * @example
 * ```ts
 * import { callsInOrder } from '@reprise/evals'
 *
 * const scorers = { calls: callsInOrder([{ name: 'find_order', arguments: { orderId: '4711' } }, { name: 'refund_order' }]) }
 * ```
 */
export function callsInOrder<Expected = unknown>(
  wanted: readonly WantedCall[] | ((row: Trial<unknown, Expected>['row']) => readonly WantedCall[]),
): Scorer<unknown, Expected> {
  return ({ row, run }) => {
    const calls = typeof wanted === 'function' ? wanted(row) : wanted
    if (calls.length === 0) return { score: null, why: 'no call is wanted' }
    const made = run.calls.filter(({ state }) => state === 'returned')
    const found = longestInOrder(calls, made)
    if (found === calls.length) return true
    return {
      score: found / calls.length,
      why: `${found} of ${calls.length} wanted calls in order; made: ${sayCalls(made)}`,
    }
  }
}

/** The length of the longest common subsequence. */
function longestInOrder(wanted: readonly WantedCall[], made: readonly Call[]): number {
  let best: readonly number[] = Array.from({ length: made.length + 1 }, () => 0)
  for (const want of wanted) {
    const next = [0]
    for (const [at, call] of made.entries())
      next.push(isWanted(call, want) ? (best[at] ?? 0) + 1 : Math.max(next[at] ?? 0, best[at + 1] ?? 0))
    best = next
  }
  return best.at(-1) ?? 0
}

function isWanted({ name, arguments: given }: Call, wanted: WantedCall): boolean {
  if (name !== wanted.name) return false
  if (wanted.arguments === undefined) return true
  if (typeof given !== 'object' || given === null) return false
  return Object.entries(wanted.arguments).every(
    ([key, value]) => canonical((given as Readonly<Record<string, unknown>>)[key]) === canonical(value),
  )
}

function sayCalls(calls: readonly Call[]): string {
  return calls.map(({ name, arguments: given }) => `${name}(${canonical(given)})`).join(', ') || 'none'
}

/**
 * Scores 1 where no call was refused by a rule of the agent.
 *
 * @example
 * ```ts
 * import { noRulesBroken } from '@reprise/evals'
 *
 * const scorers = { rules: noRulesBroken() }
 * ```
 */
export function noRulesBroken(): Scorer {
  return ({ run }) => none(run.calls.filter(({ byRule }) => byRule))
}

/**
 * Scores 1 where every call was answered from what is recorded, or run live: where one was refused, the run went a way of which
 * nobody knows what the world would have said.
 *
 * @example
 * ```ts
 * import { noneUnrecorded } from '@reprise/evals'
 *
 * const scorers = { recorded: noneUnrecorded() }
 * ```
 */
export function noneUnrecorded(): Scorer {
  return ({ run }) => none(run.calls.filter(({ code }) => code === NOT_RECORDED))
}

/**
 * Scores 1 where no call was made that a person refused in the run that the row was drawn from, with the same arguments.
 *
 * @example
 * ```ts
 * import { heedsRefusals } from '@reprise/evals'
 *
 * const scorers = { refusals: heedsRefusals() }
 * ```
 */
export function heedsRefusals(): Scorer {
  return ({ row, run }) => {
    const refused = (row.corrections ?? []).filter(({ kind }) => kind === 'refused')
    if (refused.length === 0) return { score: null, why: 'nobody refused a call' }
    const again = run.calls.filter((call) =>
      refused.some((it) => it.tool === call.name && canonical(it.arguments) === canonical(call.arguments)),
    )
    return none(again)
  }
}

function none(calls: readonly Call[]) {
  return calls.length === 0
    ? true
    : { score: 0, why: calls.map(({ name, told }) => (told ? `${name}: ${told}` : name)).join('; ') }
}
