/** Nano-dollars: integer billionths of a US dollar, so that sums are exact. */
export type NanoUsd = number

/**
 * Nano-dollars in one dollar.
 *
 * @example
 * ```ts
 * import { NANO_PER_USD } from '@reprise/core'
 *
 * const costNano = 2_500_000
 * console.log(costNano / NANO_PER_USD) // 0.0025
 * ```
 */
export const NANO_PER_USD = 1_000_000_000

/**
 * Shows nano-dollars as dollars with up to six decimals: `$0.001234`.
 *
 * @example
 * ```ts
 * import { formatUsd } from '@reprise/core'
 *
 * console.log(formatUsd(1_234_000)) // $0.001234
 * ```
 */
export function formatUsd(nano: NanoUsd): string {
  return `$${(nano / NANO_PER_USD).toFixed(6)}`
}
