import { type Entry, formatUsd, type ModelReply, type Totals } from '@reprise/core'

type Tokens = Pick<Totals, 'inputTokens' | 'cachedTokens' | 'outputTokens'>

/** What a reply cost: `1,234 tokens in (80 % cached), 56 out, $0.000123`. */
export function sayReplyUsed({ usage, costNano }: ModelReply): string {
  const tokens = usage ? sayTokens(usage) : 'tokens unknown'
  return `${tokens}, ${costNano === undefined ? 'price unknown' : formatUsd(costNano)}`
}

/** What a run has used: `3 turns, 4 calls, …`. */
export function sayUsed(totals: Totals): string {
  const { turns, calls, costNano, unpriced } = totals
  const more = unpriced > 0 ? ` and ${count(unpriced, 'turn')} of unknown price` : ''
  return `${count(turns, 'turn')}, ${count(calls, 'call')}, ${sayTokens(totals)}, ${formatUsd(costNano)}${more}`
}

/** A number of things: `1 turn`, `1,200 turns`. */
export function count(number: number, thing: string, things = `${thing}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? thing : things}`
}

function sayTokens({ inputTokens, cachedTokens, outputTokens }: Tokens): string {
  const cached = cachedTokens > 0 ? ` (${Math.round((100 * cachedTokens) / inputTokens)} % cached)` : ''
  return `${count(inputTokens, 'token')} in${cached}, ${outputTokens.toLocaleString('en-US')} out`
}

/** What a run has used as its entries tell: its row says so only when it comes to rest. */
export function usedIn(entries: readonly Entry[]): Totals {
  const sum = { turns: 0, calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 }
  for (const entry of entries) add(sum, usedBy(entry))
  return sum
}

function add(sum: Record<keyof Totals, number>, more: Partial<Totals>): void {
  for (const key of Object.keys(more) as (keyof Totals)[]) sum[key] += more[key] ?? 0
}

function usedBy(entry: Entry): Partial<Totals> {
  switch (entry.kind) {
    case 'model.replied': {
      const { usage: { inputTokens = 0, cachedTokens = 0, outputTokens = 0 } = {}, costNano } = entry.body.reply
      const price = costNano === undefined ? { unpriced: 1 } : { costNano }
      return { turns: 1, inputTokens, cachedTokens, outputTokens, ...price }
    }
    case 'call.returned':
    case 'step.returned':
      return { calls: 1 }
    case 'call.resolved':
      return { calls: entry.body.happened ? 1 : 0 }
    case 'child.ended':
      return entry.body.totals
    default:
      return {}
  }
}
