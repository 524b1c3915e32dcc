import { formatUsd, type Totals } from '@reprise/core'
import type { Extracted } from '../extraction/extracted.ts'
import { showMoney } from '../extraction/money.ts'
import { columns } from './columns.ts'

/** What reading took. */
export type Cost = Pick<Totals, 'turns' | 'inputTokens' | 'outputTokens' | 'costNano' | 'unpriced'>

/** A line of the table. */
export interface Row extends Extracted {
  readonly cost: Cost
}

/** Nothing read yet. */
export const NO_COST: Cost = { turns: 0, inputTokens: 0, outputTokens: 0, costNano: 0, unpriced: 0 }

/** The cost of both. */
export function addCost(a: Cost, b: Cost): Cost {
  return {
    turns: a.turns + b.turns,
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    costNano: a.costNano + b.costNano,
    unpriced: a.unpriced + b.unpriced,
  }
}

/** A table of files with a line of sums. */
export function showTable(rows: readonly Row[]): string[] {
  const totals = rows.map(({ statement }) => (statement ? showMoney(statement.totalMinor, statement.currency) : '-'))
  const width = Math.max('total'.length, ...totals.map((total) => total.length))
  const lineCount = rows.reduce((sum, { statement }) => sum + (statement?.lines.length ?? 0), 0)
  const lines = columns([
    ['file', 'vendor', 'lines', 'total'.padStart(width), 'status', 'turns', 'tokens', 'cost'],
    ...rows.map(({ file, statement, status, cost }, at) => [
      file,
      statement?.vendor ?? '-',
      statement?.lines.length ?? 0,
      totals[at]?.padStart(width) ?? '',
      status,
      ...figures(cost),
    ]),
    [`${rows.length} files`, '', lineCount, '', '', ...figures(rows.map(({ cost }) => cost).reduce(addCost, NO_COST))],
  ])
  const rule = '-'.repeat(Math.max(...lines.map((line) => line.length)))
  return [...lines.slice(0, 1), rule, ...lines.slice(1, -1), rule, ...lines.slice(-1)]
}

function figures({ turns, inputTokens, outputTokens, costNano, unpriced }: Cost): (string | number)[] {
  return [turns, inputTokens + outputTokens, unpriced > 0 ? 'price unknown' : formatUsd(costNano)]
}
