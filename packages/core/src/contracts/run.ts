import type { NanoUsd } from '../words/money.ts'
import type { Waiting } from './entry.ts'

/** Where a run stands. */
export type RunStatus = 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'

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

/** A run's row: what is known of it without reading its journal. Totals are as of the last change of status. */
export interface RunRow {
  readonly id: string
  readonly kind: 'agent' | 'team'
  readonly name: string
  readonly version: number
  readonly status: RunStatus
  readonly waiting: Waiting | null
  readonly tags: readonly string[]
  /** Who drives it now; null when nobody does. */
  readonly owner: string | null
  /** Rises by one with each owner. */
  readonly epoch: number
  /** Rises while its owner lives. */
  readonly beat: number
  /** How often it was taken up. */
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly endedAt: number | null
  readonly totals: Totals
}

/** Which runs to list. */
export interface RunFilter {
  readonly status?: RunStatus
  readonly name?: string
  readonly tag?: string
  /** Runs after this one, in the order of creation: the last of the page before. */
  readonly after?: string
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
}
