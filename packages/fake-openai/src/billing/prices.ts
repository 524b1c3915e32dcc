/** What a model costs, in US dollars per million tokens. */
export interface FakePrice {
  readonly inputUsd: number
  /** Of the tokens read from the prompt cache. */
  readonly cachedUsd: number
  readonly outputUsd: number
  /** Of the tokens written to the prompt cache. @default inputUsd */
  readonly cacheWriteUsd?: number
  /** What a request costs that reads more than `aboveTokens`: all its tokens, by these factors. */
  readonly long?: { readonly aboveTokens: number; readonly inputTimes: number; readonly outputTimes: number }
}

const long = { aboveTokens: 272_000, inputTimes: 2, outputTimes: 1.5 }

/** List prices as of 2026-11-22, by the models' names without a date; those of all other models are not known here. */
export const fakePrices: Readonly<Record<string, FakePrice>> = {
  'gpt-4.1': { inputUsd: 2, cachedUsd: 0.5, outputUsd: 8 },
  'gpt-4.1-mini': { inputUsd: 0.4, cachedUsd: 0.1, outputUsd: 1.6 },
  'gpt-4.1-nano': { inputUsd: 0.1, cachedUsd: 0.025, outputUsd: 0.4 },
  'gpt-4o': { inputUsd: 2.5, cachedUsd: 1.25, outputUsd: 10 },
  'gpt-4o-mini': { inputUsd: 0.15, cachedUsd: 0.075, outputUsd: 0.6 },
  o3: { inputUsd: 2, cachedUsd: 0.5, outputUsd: 8 },
  'o4-mini': { inputUsd: 1.1, cachedUsd: 0.275, outputUsd: 4.4 },
  'gpt-5-mini': { inputUsd: 0.25, cachedUsd: 0.025, outputUsd: 2 },
  'gpt-5.4-mini': { inputUsd: 0.75, cachedUsd: 0.075, outputUsd: 4.5 },
  'gpt-6-luna': { inputUsd: 0.1, cachedUsd: 0.01, cacheWriteUsd: 0.125, outputUsd: 0.5, long },
  'gpt-6-sol': { inputUsd: 2, cachedUsd: 0.2, cacheWriteUsd: 2.5, outputUsd: 10, long },
}

function embedding(inputUsd: number): FakePrice {
  return { inputUsd, cachedUsd: inputUsd, outputUsd: 0 }
}

/** What embeddings cost, as of the same day. */
export const embeddingPrices: Readonly<Record<string, FakePrice>> = {
  'text-embedding-3-small': embedding(0.02),
  'text-embedding-3-large': embedding(0.13),
  'text-embedding-ada-002': embedding(0.1),
}
