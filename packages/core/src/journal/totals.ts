import type { Totals } from '../contracts/totals.ts'

/** A run that has used nothing. */
export const NO_TOTALS: Totals = {
  turns: 0,
  calls: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  costNano: 0,
  unpriced: 0,
}

/** What two have used together. */
export function addTotals(one: Totals, other: Totals): Totals {
  return {
    turns: one.turns + other.turns,
    calls: one.calls + other.calls,
    inputTokens: one.inputTokens + other.inputTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    costNano: one.costNano + other.costNano,
    unpriced: one.unpriced + other.unpriced,
  }
}
