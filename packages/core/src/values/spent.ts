import type { NanoUsd } from './money.ts'

/** Tokens of one reply, as the service counted them. */
export interface Usage {
  /** All tokens read, the cached ones among them. */
  readonly inputTokens: number
  readonly cachedTokens: number
  /** Tokens written to the service's prompt cache, which may cost more; absent where there are none. */
  readonly cacheWriteTokens?: number
  /** All tokens written, reasoning among them. */
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** There where the service's figures contradicted each other, and were held to its own total. */
  readonly adjusted?: true
}

/**
 * What an ask was charged for, though nothing came of it. Without `costNano` its price is not known, and without `usage`
 * neither are its tokens.
 */
export interface Spent {
  readonly usage?: Usage
  /** Whole nano-dollars, 0 or more. */
  readonly costNano?: NanoUsd
  /** There where nobody has counted: it may have been less, and is what the ask was to cost at most. */
  readonly estimated?: true
}
