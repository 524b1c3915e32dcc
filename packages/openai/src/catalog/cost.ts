import type { NanoUsd, Usage } from '@reprise/core'
import { listedNames } from './base-name.ts'
import { listPrices } from './list-prices.ts'
import type { Price } from './price.ts'

const listed = new Map(listPrices.map((price) => [price.model, price]))

/**
 * The list price of a model by its exact name. A dated snapshot such as `gpt-4.1-mini-2025-04-14` costs what the name
 * without the date does, where it is not listed itself; a fine-tuned model what those made from the same model do.
 *
 * @returns undefined where it is not known: that is not the same as free.
 * @example
 * ```ts
 * import { priceOf } from '@reprise/openai'
 *
 * console.log(priceOf('gpt-4.1-mini-2025-04-14')?.inputUsd) // 0.4
 * console.log(priceOf('llama3.2')) // undefined
 * ```
 */
export function priceOf(model: string): Price | undefined {
  return listedNames(model)
    .map((name) => listed.get(name))
    .find((price) => price !== undefined)
}

/**
 * What a reply cost.
 *
 * @param model a model's name, or a price.
 * @returns whole nano-dollars; undefined where the price is not known.
 * @example
 * ```ts
 * import { formatUsd } from '@reprise/core'
 * import { costNano } from '@reprise/openai'
 *
 * const usage = { inputTokens: 1_200, cachedTokens: 0, outputTokens: 300, reasoningTokens: 0 }
 * console.log(formatUsd(costNano('gpt-4.1-mini', usage) ?? 0)) // $0.000960
 * console.log(costNano({ inputUsd: 1, cachedUsd: 0, outputUsd: 2 }, usage)) // 1800000
 * ```
 */
export function costNano(model: string | Price, usage: Usage): NanoUsd | undefined {
  const price = typeof model === 'string' ? priceOf(model) : model
  if (!price) return undefined
  const { cachedTokens, cacheWriteTokens = 0, inputTokens, outputTokens } = usage
  const { inputUsd, cachedUsd, cacheWriteUsd = inputUsd, outputUsd } = price
  const long = price.long && inputTokens > price.long.aboveTokens ? price.long : { inputTimes: 1, outputTimes: 1 }
  const fresh = inputTokens - cachedTokens - cacheWriteTokens
  const input = fresh * inputUsd + cachedTokens * cachedUsd + cacheWriteTokens * cacheWriteUsd
  // A dollar per million tokens is a thousand nano-dollars per token.
  return Math.round((input * long.inputTimes + outputTokens * outputUsd * long.outputTimes) * 1000)
}
