import type { NanoUsd } from '../values/money.ts'
import type { Item } from './item.ts'

/** What comes in the place of items of a conversation, by their places in it before, from 0. */
export type HistoryEdit =
  /** Of the result at a place this is left. `id` is by what the model reads all of it, where it can. */
  | { readonly kind: 'result'; readonly at: number; readonly output: string; readonly id?: string }
  /** The items from one place to before another. */
  | { readonly kind: 'stretch'; readonly from: number; readonly to: number; readonly items: readonly Item[] }

/** What a compaction was expected to cost and save when it was made. */
export interface CompactionEstimate {
  /** The tokens of the next request without it, and with it. */
  readonly before: number
  readonly after: number
  /** How many of these the prompt cache no longer has. */
  readonly anew: number
  /** What that costs once, with the summary where there is one; absent where no price is known. */
  readonly costNano?: NanoUsd
  /** What each further request then costs less, where all of it comes from the cache. */
  readonly savesNano?: NanoUsd
}
