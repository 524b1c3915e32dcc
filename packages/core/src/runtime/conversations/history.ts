import { emptyState, fold } from '../../agent/state/fold.ts'
import { view } from '../../agent/state/log.ts'
import type { Entry } from '../../contracts/entry.ts'
import type { Item } from '../../contracts/item.ts'

/** An item of a session's conversation. */
export interface HistoryItem {
  readonly item: Item
  /** The turn that it came with, from 1, and that turn's run. */
  readonly turn: number
  readonly runId: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The items that a turn has added to the conversation, in their order; none for one that has not begun. */
export function historyOf(runId: string, turn: number, entries: readonly Entry[]): readonly HistoryItem[] {
  if (turn > 1 && !entries.some(({ kind }) => kind === 'history.joined')) return []
  const of = (entry: Entry, items: readonly Item[]): HistoryItem[] =>
    items.map((item) => ({ item, turn, runId, at: entry.at }))
  let said: HistoryItem[] = []
  let state = emptyState()
  for (const entry of entries) {
    const { length } = state.items
    state = fold(state, entry)
    if (entry.kind === 'history.joined')
      said = [...of(entry, entry.body.closed ?? []), ...(entry.body.heard ? [] : said)]
    else said.push(...of(entry, view(state.items).slice(length)))
  }
  return said
}
