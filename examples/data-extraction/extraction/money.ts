/** An amount for a person: `1,248.50 GBP`. How many minor units the currency has is the machine's own knowledge. */
export function showMoney(minor: number, currency: string): string {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  const plain = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${plain.format(minor / 10 ** digits)} ${currency}`
}
