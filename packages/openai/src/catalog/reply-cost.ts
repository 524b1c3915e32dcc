import type { NanoUsd, ReplyItem, Usage } from '@reprise/core'
import type { ReplyContext } from '../ask/dialect.ts'
import { costNano } from './cost.ts'

/** What there is to price. */
export interface Priced {
  /** The model's name as the service gave it. */
  readonly model: string
  readonly tier: string | null | undefined
  readonly items: readonly ReplyItem[]
  readonly usage: Usage
}

/** What a reply cost; undefined where any part of it has no known price. */
export function replyCost(
  { model, tier, items, usage }: Priced,
  { prices, model: sent, request }: ReplyContext,
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
