import type { NanoUsd } from '../values/money.ts'

/** What was used. Tokens and money are those of the replies, and of the asks that were charged though no reply came of them. */
export interface Used {
  /** Replies of a model. */
  readonly turns: number
  /** Calls that a tool carried out. */
  readonly calls: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  /** Whole nano-dollars: the sum over all whose price is known. */
  readonly costNano: NanoUsd
  /** Replies, and asks that broke off, without a known price: where this is not 0, `costNano` is not the whole cost. */
  readonly unpriced: number
  /**
   * How much of `costNano` (nano-dollars) is estimated: an ask that broke off is charged at what it was to cost at most, where
   * nobody has counted. Absent where nothing is.
   */
  readonly estimated?: NanoUsd
  /** Calls, and answers that came too early, which rules have refused. Absent where there are none. */
  readonly refused?: number
}

/**
 * What a run has used: itself and the runs that came of it together. Where others did, `own` and `descendants` keep the two
 * apart; absent, all of it is the run's own.
 */
export interface Totals extends Used {
  /** Its own turns and calls. */
  readonly own?: Used
  /**
   * What the runs that came of it have used: the agents and workflows that it ran, theirs at any depth, those that lost a race
   * or were cancelled among them; and the continuations before it, with theirs. Not what was cleaned up since.
   */
  readonly descendants?: Used
}
