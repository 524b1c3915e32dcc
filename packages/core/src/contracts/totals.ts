import type { NanoUsd } from '../words/money.ts'

/** What a run has used so far. */
export interface Totals {
  /** Replies of a model. */
  readonly turns: number
  /** Calls that a tool carried out. */
  readonly calls: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  /** The sum over the replies whose price is known. */
  readonly costNano: NanoUsd
  /** Replies without a known price: where this is not 0, `costNano` is not the whole cost. */
  readonly unpriced: number
}
