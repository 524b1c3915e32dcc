import { addUsed, type AgentCard, type Entry, NO_TOTALS, type Spent, type Used } from '@reprise/core'

/** What an agent of a run has used of a model, as its entries tell. */
export interface RecordedUse {
  readonly agent: string
  readonly model: string
  readonly used: Used
  /** From the first of its replies to the last, in milliseconds since 1970. */
  readonly first: number
  readonly last: number
}

/**
 * Says of a run's entries who used which model for how much. What a fork took over was used by the run that it comes from.
 *
 * @param since entries before this moment do not count, in milliseconds since 1970.
 */
export function recordedUse(entries: readonly Entry[], since = 0): readonly RecordedUse[] {
  const own = entries.findLastIndex(({ kind }) => kind === 'run.forked') + 1
  const uses = new Map<string, RecordedUse>()
  let card: AgentCard | undefined
  for (const [index, entry] of entries.entries()) {
    card = cardIn(entry) ?? card
    const used = usedBy(entry)
    if (!card || !used || index < own || entry.at < since) continue
    const { agent, model } = card
    const key = JSON.stringify([agent, model])
    const before = uses.get(key)
    uses.set(key, {
      agent,
      model,
      used: addUsed(before?.used ?? NO_TOTALS, used),
      first: before?.first ?? entry.at,
      last: entry.at,
    })
  }
  return [...uses.values()]
}

/** The card of the agent that holds a run now, which it goes on with under `pin`; undefined of a workflow's run. */
export function cardOf(entries: readonly Entry[]): AgentCard | undefined {
  return entries.reduce<AgentCard | undefined>((card, entry) => cardIn(entry) ?? card, undefined)
}

function cardIn({ kind, body }: Entry): AgentCard | undefined {
  if (kind === 'run.started') return 'card' in body ? body.card : undefined
  return kind === 'definition.changed' || kind === 'handoff.made' ? body.card : undefined
}

function usedBy({ kind, body }: Entry): Used | undefined {
  if (kind === 'model.replied') return { ...NO_TOTALS, turns: 1, ...spent(body.reply) }
  if ((kind === 'model.failed' || kind === 'run.cancelled') && body.spent) return { ...NO_TOTALS, ...spent(body.spent) }
  return undefined
}

function spent({ usage, costNano }: Spent): Partial<Used> {
  return {
    inputTokens: usage?.inputTokens ?? 0,
    cachedTokens: usage?.cachedTokens ?? 0,
    outputTokens: usage?.outputTokens ?? 0,
    ...(costNano === undefined ? { unpriced: 1 } : { costNano }),
  }
}
