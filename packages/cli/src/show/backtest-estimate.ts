import { type BacktestEstimate, formatUsd } from '@reprise/core'
import { bold } from './style.ts'
import { oneLine } from './text.ts'
import { count, sayUsed } from './used.ts'

/** What a backtest would take, for a person. */
export function sayEstimate({ runs, asks, recorded, atMostNano, skipped }: BacktestEstimate): string[] {
  const most = atMostNano === undefined ? 'of unknown price: the model cannot say' : `at most ${formatUsd(atMostNano)}`
  const left = Object.entries(skipped).map(([code, many]) => `${oneLine(code)} ${many}`)
  return [
    bold(`${count(runs, 'run')}, about ${count(asks, 'ask')}, ${most}.`),
    `The recordings: ${sayUsed(recorded)}.`,
    ...(left.length > 0 ? [`Skipped: ${left.join(', ')}.`] : []),
    'Nothing was asked.',
  ]
}
