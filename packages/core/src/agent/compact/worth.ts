// What a compaction costs and saves. The prompt cache holds an exact beginning: from the first item that is another on, all is
// read anew, at the full price; each further request then reads less, at the price from cache.
import type { CompactionEstimate, HistoryEdit } from '../../contracts/history.ts'
import type { Item } from '../../contracts/item.ts'
import type { ModelFigures } from '../../contracts/model.ts'
import { edited } from '../state/edit-history.ts'
import { sizeOfAll } from './size.ts'

/** Where prices are not known, a token from cache costs a quarter, as with most models, and one that is written four times. */
const UNPRICED = { inputNano: 4, cachedNano: 1, outputNano: 16 }

/** A summary that is to be written: what is read and written for it. */
export interface Summing {
  readonly readTokens: number
  readonly writtenTokens: number
}

/** Says what edits would cost and save. @param before the tokens of the next request, as it stands. */
export function estimateOf(
  items: readonly Item[],
  edits: readonly HistoryEdit[],
  before: number,
  figures: ModelFigures | undefined,
  summing?: Summing,
): CompactionEstimate {
  const [first] = edits
  const from = first === undefined ? items.length : first.kind === 'result' ? first.at : first.from
  const after = edited(items, edits).slice(from)
  const anew = sizeOfAll(after)
  const removed = sizeOfAll(items.slice(from)) - anew
  const estimate = { before, after: Math.max(0, before - removed), anew }
  const price = priceOf(figures)
  return price ? { ...estimate, ...moneyOf(estimate, price, summing) } : estimate
}

/** How many more requests it takes until a compaction has paid; Infinity where it never does. */
export function turnsToPay(estimate: CompactionEstimate, summing?: Summing): number {
  const { costNano, savesNano } = 'costNano' in estimate ? estimate : moneyOf(estimate, UNPRICED, summing)
  return savesNano !== undefined && costNano !== undefined && savesNano > 0 ? costNano / savesNano : Infinity
}

type Prices = Required<Pick<ModelFigures, 'inputNano' | 'cachedNano' | 'outputNano'>>

function priceOf(figures: ModelFigures | undefined): Prices | undefined {
  const { inputNano, cachedNano, outputNano } = figures ?? {}
  if (inputNano === undefined || cachedNano === undefined || outputNano === undefined) return undefined
  return { inputNano, cachedNano, outputNano }
}

function moneyOf(
  { before, after, anew }: CompactionEstimate,
  { inputNano, cachedNano, outputNano }: Prices,
  { readTokens, writtenTokens }: Summing = { readTokens: 0, writtenTokens: 0 },
): Pick<CompactionEstimate, 'costNano' | 'savesNano'> {
  const cost = anew * (inputNano - cachedNano) + readTokens * cachedNano + writtenTokens * outputNano
  return { costNano: Math.max(0, Math.round(cost)), savesNano: Math.max(0, Math.round((before - after) * cachedNano)) }
}
