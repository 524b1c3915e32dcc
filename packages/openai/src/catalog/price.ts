/** What a model costs, in US dollars per million tokens. */
export interface Price {
  readonly inputUsd: number
  /** Of the tokens read from the prompt cache. */
  readonly cachedUsd: number
  readonly outputUsd: number
  /** Of the tokens written to the prompt cache. @default inputUsd */
  readonly cacheWriteUsd?: number
  /** What a request costs that reads more than `aboveTokens`: all its tokens, by these factors. */
  readonly long?: { readonly aboveTokens: number; readonly inputTimes: number; readonly outputTimes: number }
}
