import {
  addUsed,
  NO_TOTALS,
  type Entry,
  type EntryBodies,
  type EntryKind,
  formatUsd,
  type ModelReply,
  type Spent,
  type Used,
} from '@reprise/core'

type Tokens = Pick<Used, 'inputTokens' | 'cachedTokens' | 'outputTokens'>

/** What a reply cost: `1,234 tokens in (80 % cached), 56 out, $0.000123`. */
export function sayReplyUsed({ usage, costNano }: ModelReply): string {
  const tokens = usage ? sayTokens(usage) : 'tokens unknown'
  return `${tokens}, ${costNano === undefined ? 'price unknown' : formatUsd(costNano)}`
}

/** What a run has used: `3 turns, 4 calls, and so on`. */
export function sayUsed(totals: Used): string {
  const { turns, calls, costNano, unpriced, estimated = 0, refused = 0 } = totals
  const guessed = estimated > 0 ? `, of which ${formatUsd(estimated)} is estimated` : ''
  const more = unpriced > 0 ? ` and ${count(unpriced, 'turn')} of unknown price` : ''
  const ruled = refused > 0 ? ` and ${refused.toLocaleString('en-US')} refused by rules` : ''
  return `${count(turns, 'turn')}, ${count(calls, 'call')}${ruled}, ${sayTokens(totals)}, ${formatUsd(costNano)}${guessed}${more}`
}

/** A number of things: `1 turn`, `1,200 turns`. */
export function count(number: number, thing: string, things = `${thing}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? thing : things}`
}

/** Tokens: `1,234 tokens in (80 % cached), 56 out`. */
export function sayTokens({ inputTokens, cachedTokens, outputTokens }: Tokens): string {
  const cached = cachedTokens > 0 ? ` (${Math.round((100 * cachedTokens) / inputTokens)} % cached)` : ''
  return `${count(inputTokens, 'token')} in${cached}, ${outputTokens.toLocaleString('en-US')} out`
}

/** What the children of a workflow had used when they ended, as its entries tell. */
export function usedByChildren(entries: readonly Entry[]): Used {
  return ownEntries(entries).reduce<Used>(
    (sum, { kind, body }) => (kind === 'child.ended' ? addUsed(sum, body.totals) : sum),
    NO_TOTALS,
  )
}

/** What a run itself has used as its entries tell: its row says so only when it comes to rest. */
export function usedIn(entries: readonly Entry[]): Used {
  const sum = { ...NO_TOTALS, estimated: 0, refused: 0 }
  for (const entry of ownEntries(entries)) {
    const used = usedBy(entry)
    for (const key of Object.keys(used) as (keyof Used)[]) sum[key] += used[key] ?? 0
  }
  return sum
}

/** The entries that a run has written itself: what a fork took over was used by the run that it comes from. */
export function ownEntries(entries: readonly Entry[]): readonly Entry[] {
  return entries.slice(entries.findLastIndex(({ kind }) => kind === 'run.forked') + 1)
}

const nothing = (): Partial<Used> => ({})

/** What the entries of each kind say was used. */
const USED: { readonly [K in EntryKind]: (body: EntryBodies[K]) => Partial<Used> } = {
  'run.started': nothing,
  'run.forked': nothing,
  'history.joined': nothing,
  'definition.changed': nothing,
  'model.asked': nothing,
  'model.replied': ({ reply }) => ({ turns: 1, ...spentIn(reply) }),
  'model.failed': ({ spent }) => (spent ? spentIn(spent) : {}),
  'call.judged': ({ allowed }) => (allowed ? {} : { refused: 1 }),
  'approval.asked': nothing,
  'approval.given': nothing,
  'answer.asked': nothing,
  'call.intended': nothing,
  'call.returned': () => ({ calls: 1 }),
  'call.failed': nothing,
  'call.doubted': nothing,
  'call.resolved': ({ happened }) => ({ calls: happened ? 1 : 0 }),
  'memory.read': nothing,
  'handoff.made': nothing,
  'output.judged': ({ rule }) => (rule === undefined ? {} : { refused: 1 }),
  'step.returned': () => ({ calls: 1 }),
  'step.failed': nothing,
  'child.started': nothing,
  'child.ended': nothing,
  'timer.set': nothing,
  'timer.fired': nothing,
  'message.received': nothing,
  'race.won': nothing,
  'history.compacted': ({ spent }) => (spent ? spentIn(spent) : {}),
  'run.waiting': nothing,
  'run.quarantined': nothing,
  'run.rewound': nothing,
  'run.released': nothing,
  'run.completed': nothing,
  'run.failed': ({ spent }) => (spent ? spentIn(spent) : {}),
  'run.cancelled': ({ spent }) => (spent ? spentIn(spent) : {}),
}

function spentIn({ usage, costNano, estimated }: Spent): Partial<Used> {
  return {
    inputTokens: usage?.inputTokens ?? 0,
    cachedTokens: usage?.cachedTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    ...(costNano === undefined ? { unpriced: 1 } : { costNano, estimated: estimated ? costNano : 0 }),
  }
}

/** What an entry says was used. */
export function usedBy({ kind, body }: Entry): Partial<Used> {
  // The kind says which body it is; TypeScript cannot follow that through the table.
  const used = USED[kind] as (body: Entry['body']) => Partial<Used>
  return used(body)
}
