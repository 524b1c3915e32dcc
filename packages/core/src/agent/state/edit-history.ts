// What a compaction makes of a conversation. A journal has what came in the place of what, and no item twice.
import type { HistoryEdit } from '../../contracts/history.ts'
import type { Item } from '../../contracts/item.ts'

/** A conversation after edits, which name places before them, in their order. */
export function edited(items: readonly Item[], edits: readonly HistoryEdit[]): Item[] {
  const after: Item[] = []
  let next = 0
  for (const edit of edits) {
    const from = edit.kind === 'result' ? edit.at : edit.from
    for (const item of items.slice(next, from)) after.push(item)
    next = edit.kind === 'result' ? edit.at + 1 : edit.to
    if (edit.kind === 'stretch') for (const item of edit.items) after.push(item)
    else after.push(...items.slice(edit.at, next).map((item) => ({ ...item, output: edit.output }) as Item))
  }
  for (const item of items.slice(next)) after.push(item)
  return after
}

/** Says why edits cannot be made in a conversation; undefined where they can. */
export function wrongIn(items: readonly Item[], edits: readonly HistoryEdit[]): string | undefined {
  let next = 0
  for (const edit of edits) {
    const [from, to] = edit.kind === 'result' ? [edit.at, edit.at + 1] : [edit.from, edit.to]
    if (from < next || to < from || to > items.length) return `it edits ${from} to ${to} of ${items.length} items`
    if (edit.kind === 'result' && items[from]?.kind !== 'result') return `there is no result at ${from}`
    next = to
  }
  return tornIn(edited(items, edits))
}

/** Says what is torn in a conversation that is about to be asked; undefined where nothing is. */
export function tornIn(items: readonly Item[]): string | undefined {
  const open = new Set<string>()
  for (const [at, item] of items.entries()) {
    const before = items[at - 1]
    if (before?.kind === 'reasoning' && (item.kind === 'user' || item.kind === 'result'))
      return `the thought at ${at - 1} lacks what came of it`
    if (item.kind === 'call') open.add(item.callId)
    else if (item.kind === 'result') {
      if (!open.delete(item.callId)) return `the result at ${at} lacks its call "${item.callId}"`
    } else if (item.kind === 'user' && open.size > 0) break
  }
  const [lost] = open
  return lost === undefined ? undefined : `the call "${lost}" lacks its result`
}
