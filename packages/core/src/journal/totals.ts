// What runs have used, added up. Folding a journal calls this, and so does whoever sums runs; a figure that is added to
// `Used` must be added here.
import type { Used } from '../contracts/totals.ts'
import type { Spent } from '../words/spent.ts'

/** A run that has used nothing. */
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

/** What two have used together. */
export function addUsed(one: Used, other: Used): Used {
  const estimated = (one.estimated ?? 0) + (other.estimated ?? 0)
  return {
    turns: one.turns + other.turns,
    calls: one.calls + other.calls,
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    costNano: one.costNano + other.costNano,
    unpriced: one.unpriced + other.unpriced,
    ...(estimated > 0 && { estimated }),
  }
}
