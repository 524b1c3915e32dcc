import type { HistoryEdit } from '../../contracts/history.ts'
import type { Item } from '../../contracts/item.ts'

/** A text of which a model was told a part, and can read on. */
export interface CutResult {
  /** By which the model names it: `r1` is the first of a conversation. */
  readonly id: string
  readonly callId: string
  /** The tool that gave it. */
  readonly name: string
  readonly text: string
  /** How much of it is told at once, in tokens. */
  readonly tokens: number
}

/** How much is told at once of a result that was whole at first, in tokens. */
const READ_TOKENS = 2_000

/** The texts that can be read on once a compaction has taken more out. */
export function cutsBy(
  cuts: readonly CutResult[],
  items: readonly Item[],
  edits: readonly HistoryEdit[],
): readonly CutResult[] {
  const more = edits.flatMap((edit) => {
    const item = edit.kind === 'result' ? items[edit.at] : undefined
    if (edit.kind !== 'result' || edit.id === undefined || item?.kind !== 'result') return []
    const { callId, output: text } = item
    if (cuts.some(({ id }) => id === edit.id)) return []
    return { id: edit.id, callId, name: nameOf(items, callId), text, tokens: READ_TOKENS }
  })
  return more.length > 0 ? [...cuts, ...more] : cuts
}

function nameOf(items: readonly Item[], callId: string): string {
  const call = items.find((item) => item.kind === 'call' && item.callId === callId)
  return call?.kind === 'call' ? call.name : ''
}
