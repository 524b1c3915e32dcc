import type { Price } from './price.ts'

/** A price as it was listed on a day. */
export interface ListPrice extends Price {
  readonly model: string
  /** The day on which the price was held against its source. */
  readonly asOf: string
  readonly source: string
}

const asOf = '2026-11-22'
const source = '@pydantic/genai-prices 0.1.8'

/** Models that were made from another one, by `ft:` and its name, whoever made them. */
const tuned = "LiteLLM's table of prices"

/** GPT-6 charges more for a long context, and writing to the prompt cache like GPT-5.6 did. */
const long = { aboveTokens: 272_000, inputTimes: 2, outputTimes: 1.5 }

/** OpenAI's list prices of the standard tier. */
export const listPrices: readonly ListPrice[] = [
  { model: 'gpt-4.1', inputUsd: 2, cachedUsd: 0.5, outputUsd: 8, asOf, source },
  { model: 'gpt-4.1-mini', inputUsd: 0.4, cachedUsd: 0.1, outputUsd: 1.6, asOf, source },
  { model: 'gpt-4.1-nano', inputUsd: 0.1, cachedUsd: 0.025, outputUsd: 0.4, asOf, source },
  { model: 'gpt-4o', inputUsd: 2.5, cachedUsd: 1.25, outputUsd: 10, asOf, source },
  // The one snapshot with a price of its own; it knew no cached price.
  { model: 'gpt-4o-2024-05-13', inputUsd: 5, cachedUsd: 5, outputUsd: 15, asOf, source },
  { model: 'gpt-4o-mini', inputUsd: 0.15, cachedUsd: 0.075, outputUsd: 0.6, asOf, source },
  { model: 'o3', inputUsd: 2, cachedUsd: 0.5, outputUsd: 8, asOf, source },
  { model: 'o4-mini', inputUsd: 1.1, cachedUsd: 0.275, outputUsd: 4.4, asOf, source },
  { model: 'gpt-5-mini', inputUsd: 0.25, cachedUsd: 0.025, outputUsd: 2, asOf, source },
  { model: 'gpt-5.4-mini', inputUsd: 0.75, cachedUsd: 0.075, outputUsd: 4.5, asOf, source },
  { model: 'gpt-6-luna', inputUsd: 0.1, cachedUsd: 0.01, cacheWriteUsd: 0.125, outputUsd: 0.5, long, asOf, source },
  { model: 'gpt-6-sol', inputUsd: 2, cachedUsd: 0.2, cacheWriteUsd: 2.5, outputUsd: 10, long, asOf, source },
  { model: 'ft:gpt-4.1', inputUsd: 3, cachedUsd: 0.75, outputUsd: 12, asOf, source: tuned },
  { model: 'ft:gpt-4.1-mini', inputUsd: 0.8, cachedUsd: 0.2, outputUsd: 3.2, asOf, source: tuned },
  { model: 'ft:gpt-4.1-nano', inputUsd: 0.2, cachedUsd: 0.05, outputUsd: 0.8, asOf, source: tuned },
  { model: 'ft:gpt-4o', inputUsd: 3.75, cachedUsd: 1.875, outputUsd: 15, asOf, source: tuned },
  { model: 'ft:gpt-4o-mini', inputUsd: 0.3, cachedUsd: 0.15, outputUsd: 1.2, asOf, source: tuned },
]
