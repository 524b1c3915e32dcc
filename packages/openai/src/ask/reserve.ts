import type { ModelRequest, Spent } from '@reprise/core'
import { replyCost } from '../catalog/reply-cost.ts'
import type { Settings } from '../dialect/settings.ts'
import { countTokens } from '../tokens/count-tokens.ts'

/** What a request costs where the whole of it is read at the full price, and as much is written as is allowed. */
export async function reserve(
  { prices, deployments }: Pick<Settings, 'prices' | 'deployments'>,
  request: ModelRequest,
): Promise<Pick<Spent, 'usage' | 'costNano'>> {
  const { model: asked, maxOutputTokens: outputTokens, hosted = [] } = request.card
  const inputTokens = await countTokens(request)
  const usage = { inputTokens, cachedTokens: 0, outputTokens, reasoningTokens: 0 }
  const model = deployments[asked] ?? asked
  // What hosted tools cost nobody knows before they are used.
  if (hosted.length > 0) return { usage }
  const costNano = replyCost({ model, tier: undefined, items: [], usage }, { prices, model, request })
  return { usage, ...(costNano !== undefined && { costNano }) }
}
