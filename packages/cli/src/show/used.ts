import { type Entry, type EntryBodies, type EntryKind, formatUsd, type ModelReply, type Totals } from '@reprise/core'

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
  // What a fork took over was used by the run that it comes from.
  for (const entry of entries.slice(entries.findLastIndex(({ kind }) => kind === 'run.forked') + 1)) {
    const used = usedBy(entry)
    for (const key of Object.keys(used) as (keyof Totals)[]) sum[key] += used[key] ?? 0
  }
  return sum
}

/** What the entries of some kinds say was used. */
const USED: { readonly [K in EntryKind]?: (body: EntryBodies[K]) => Partial<Totals> } = {
  'model.replied': ({ reply: { usage, costNano } }) => ({
    turns: 1,
    inputTokens: usage?.inputTokens ?? 0,
    cachedTokens: usage?.cachedTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    ...(costNano === undefined ? { unpriced: 1 } : { costNano }),
  }),
  'call.returned': () => ({ calls: 1 }),
  'call.resolved': ({ happened }) => ({ calls: happened ? 1 : 0 }),
  'step.returned': () => ({ calls: 1 }),
  'child.ended': ({ totals }) => totals,
}

function usedBy({ kind, body }: Entry): Partial<Totals> {
  // The kind says which body it is; TypeScript cannot follow that through the table.
  const used = USED[kind] as ((body: Entry['body']) => Partial<Totals>) | undefined
  return used?.(body) ?? {}
}
