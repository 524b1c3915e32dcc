// Which stretch of a conversation a summary is to stand for.
import type { HistoryEdit } from '../../contracts/history.ts'
import type { Item } from '../../contracts/item.ts'
import { sizeOf } from './size.ts'

/** What a summary stands for. */
export interface Stretch {
  /** The items that it is written of, from the first. */
  readonly to: number
  /** The edits that put a text in their place. */
  readonly edits: (summary: string) => readonly HistoryEdit[]
}

/**
 * All but the newest turns, without the first and the newest words of the user; undefined where that is nothing.
 *
 * @param keepTokens how much of the newest turns stays; the last one does in any case.
 */
export function stretchOf(items: readonly Item[], keepTokens: number): Stretch | undefined {
  const from = items[0]?.kind === 'user' ? 1 : 0
  const to = newestFrom(items, keepTokens)
  const asked = items.findLastIndex(({ kind }) => kind === 'user')
  const isAsked = asked >= from && asked < to
  if (to - from - (isAsked ? 1 : 0) <= 0) return undefined
  return { to, edits: (summary) => editsOf(from, isAsked ? asked : from - 1, to, summary) }
}

/** @param asked the place of the user's newest words, before `from` where they are kept anyway. */
function editsOf(from: number, asked: number, to: number, summary: string): readonly HistoryEdit[] {
  const items = [{ kind: 'assistant', text: `Summary of the conversation so far:\n${summary}` }] as const
  const before = asked > from ? [{ kind: 'stretch' as const, from, to: asked, items: [] }] : []
  return [...before, { kind: 'stretch', from: Math.max(from, asked + 1), to, items }]
}

/** The first item of the newest turns. */
function newestFrom(items: readonly Item[], keepTokens: number): number {
  let first = items.length
  let size = 0
  for (let at = items.length - 1; at > 0; at--) {
    const item = items[at]
    if (item) size += sizeOf(item)
    if (size > keepTokens && first < items.length) break
    if (isTurn(items, at)) first = at
  }
  return first === items.length ? 0 : first
}

/** Whether a turn begins there: with the user's words, or with a reply to them or to results. */
function isTurn(items: readonly Item[], at: number): boolean {
  const [before, here] = [items[at - 1]?.kind, items[at]?.kind]
  return here === 'user' || ((before === 'user' || before === 'result') && here !== 'result')
}
