// What runs have used, added up. Folding a journal calls this, and so does whoever sums runs; a figure that is added to
// `Used` must be added here.
import type { Used } from '../contracts/totals.ts'
import type { Spent } from '../values/spent.ts'

/**
 * A run that has used nothing.
 *
 * @example
 * ```ts
 * import { addUsed, createRuntime, formatUsd, NO_TOTALS } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 *
 * await using runtime = createRuntime({ store: sqlite('desk.db'), models: openai(), definitions: [] })
 * const nightly = await runtime.runs.list({ tag: 'nightly' })
 * const used = nightly.reduce((sum, { totals }) => addUsed(sum, totals), NO_TOTALS)
 * console.log(`${nightly.length} runs: ${formatUsd(used.costNano)}`) // 0 runs: $0.000000
 * ```
 */
export const NO_TOTALS: Used = {
  turns: 0,
  calls: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costNano: 0,
  unpriced: 0,
}

/** What was used and an ask more. */
export function addSpent<T extends Used>(used: T, { usage, costNano, estimated }: Spent): T {
  const guessed = (used.estimated ?? 0) + (estimated ? (costNano ?? 0) : 0)
  return {
    ...used,
    inputTokens: used.inputTokens + (usage?.inputTokens ?? 0),
    cachedTokens: used.cachedTokens + (usage?.cachedTokens ?? 0),
    outputTokens: used.outputTokens + (usage?.outputTokens ?? 0),
    costNano: used.costNano + (costNano ?? 0),
    unpriced: used.unpriced + (costNano === undefined ? 1 : 0),
    ...(guessed > 0 && { estimated: guessed }),
  }
}

/**
 * What two have used together.
 *
 * @example
 * ```ts
 * import { addUsed, formatUsd, NO_TOTALS } from '@reprise/core'
 *
 * const draft = { ...NO_TOTALS, turns: 2, inputTokens: 1_200, outputTokens: 300, costNano: 960_000 }
 * const review = { ...NO_TOTALS, turns: 1, inputTokens: 400, outputTokens: 50, costNano: 240_000 }
 * const { turns, costNano } = addUsed(draft, review)
 * console.log(`${turns} turns, ${formatUsd(costNano)}`) // 3 turns, $0.001200
 * ```
 */
export function addUsed(one: Used, other: Used): Used {
  const estimated = (one.estimated ?? 0) + (other.estimated ?? 0)
  const refused = (one.refused ?? 0) + (other.refused ?? 0)
  return {
    turns: one.turns + other.turns,
    calls: one.calls + other.calls,
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    costNano: one.costNano + other.costNano,
    unpriced: one.unpriced + other.unpriced,
    ...(estimated > 0 && { estimated }),
    ...(refused > 0 && { refused }),
  }
}
