import type { ModelFigures } from '@reprise/core'
import { priceOf } from './cost.ts'
import { factsOf } from './facts-of.ts'
import type { Price } from './price.ts'

/**
 * What is known of a model's size and price, by the name that an agent has; undefined where that is nothing.
 *
 * @param prices by exact model name, over those of the catalogue.
 */
export function figuresOf(prices: Readonly<Record<string, Price>>, model: string): ModelFigures | undefined {
  const { contextTokens, inputTokens } = factsOf(model) ?? {}
  const price = Object.hasOwn(prices, model) ? prices[model] : priceOf(model)
  if (contextTokens === undefined && inputTokens === undefined && !price) return undefined
  return {
    ...(contextTokens !== undefined && { contextTokens }),
    ...(inputTokens !== undefined && { inputTokens }),
    // A dollar per million tokens is a thousand nano-dollars per token.
    ...(price && {
      inputNano: price.inputUsd * 1_000,
      cachedNano: price.cachedUsd * 1_000,
      outputNano: price.outputUsd * 1_000,
    }),
  }
}
