/** Dollars as text, of whole cents: `$32.50`. */
export function showUsd(cents: number): string {
  return `$${(cents / 100).toFixed(2)}`
}

/** Whole cents of dollars. */
export function toCents(usd: number): number {
  return Math.round(usd * 100)
}
