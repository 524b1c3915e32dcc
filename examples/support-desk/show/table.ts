import { addUsed, formatUsd, NO_TOTALS, type Used } from '@reprise/core'
import type { DeskOutcome } from '../desk/outcome.ts'
import { columns } from './columns.ts'

/** A ticket that was worked as far as it goes. */
export interface Ended {
  readonly ticket: string
  readonly outcome: DeskOutcome
  /** Whether it had ended before, so that nothing ran now. */
  readonly wasEnded: boolean
}

/** A line of the table. */
export interface Row extends Ended {
  /** What it did to the world. */
  readonly actions: readonly string[]
}

/** A table of tickets with a line of sums. */
export function showTable(rows: readonly Row[]): string[] {
  const head = ['ticket', 'outcome', 'actions', 'turns', 'tokens', 'cached', 'cost']
  const sum = rows.map(({ outcome }) => outcome.totals).reduce(addUsed, NO_TOTALS)
  const actions = rows.flatMap((row) => row.actions).length
  const lines = columns([
    head,
    ...rows.map((row) => [
      row.ticket,
      wordFor(row.outcome),
      row.actions.join(', ') || '-',
      ...figures(row.outcome.totals),
    ]),
    [count(rows.length, 'ticket'), '', count(actions, 'action'), ...figures(sum)],
  ])
  const rule = '-'.repeat(Math.max(...lines.map((line) => line.length)))
  return [...lines.slice(0, 1), rule, ...lines.slice(1, -1), rule, ...lines.slice(-1)]
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** How a ticket ended, in a word or two. */
export function wordFor(outcome: DeskOutcome): string {
  if (outcome.kind === 'completed') return outcome.output.resolution
  if (outcome.kind !== 'waiting') return outcome.kind
  return outcome.waiting.kind === 'in-doubt' ? 'in doubt' : 'interrupted'
}

function figures({ turns, inputTokens, cachedTokens, outputTokens, costNano, unpriced }: Used): (string | number)[] {
  const share = inputTokens === 0 ? 0 : Math.round((100 * cachedTokens) / inputTokens)
  return [
    turns,
    inputTokens + outputTokens,
    `${share} %`.padStart(6),
    unpriced > 0 ? 'price unknown' : formatUsd(costNano),
  ]
}
