import type { ModelRequest, NanoUsd, ReplyItem, Spent, Usage } from '@reprise/core'
import { costNano } from './cost.ts'
import type { Price } from './price.ts'

/** What there is to price. */
export interface Priced {
  /** The model's name as the service gave it. */
  readonly model: string
  readonly tier: string | null | undefined
  readonly items: readonly ReplyItem[]
  readonly usage: Usage
}

/** What a price depends on besides the reply. */
export interface PriceContext {
  /** By exact model name, over those of the catalogue. */
  readonly prices: Readonly<Record<string, Price>>
  /** The name under which the model was asked for. */
  readonly model: string
  readonly request: ModelRequest
}

/** What a reply cost; undefined where any part of it has no known price. */
export function replyCost(
  { model, tier, items, usage }: Priced,
  { prices, model: sent, request }: PriceContext,
): NanoUsd | undefined {
  // These are charged by the call, beside their tokens.
  if (items.some((item) => item.kind === 'hosted' && item.tool !== 'mcp')) return undefined
  const asked = request.card.model
  const own = prices[model] ?? prices[asked]
  if (own) return costNano(own, usage)
  // Other tiers have other prices.
  if (tier != null && tier !== 'default' && tier !== 'auto') return undefined
  // A deployment answers by its own name.
  return costNano(model === sent ? asked : model, usage)
}

/** What a reply was charged that is not taken; `unknown` where the service has not counted it. */
export function spentOn(
  { usage, ...priced }: Omit<Priced, 'usage'> & { readonly usage: Usage | undefined },
  context: PriceContext,
): Spent | 'unknown' {
  if (!usage) return 'unknown'
  const cost = replyCost({ ...priced, usage }, context)
  return { usage, ...(cost !== undefined && { costNano: cost }) }
}
