import { formatUsd, type RunRow, type Waiting } from '@reprise/core'
import { columns } from './columns.ts'
import { bold, OF_STATUS } from './style.ts'
import { harmless, short } from './text.ts'
import { sayTime } from './time.ts'
import { sayAsked, sayWaiting } from './waiting.ts'

/** Runs as a table. */
export function runTable(rows: readonly RunRow[]): string[] {
  const head = ['RUN', 'DEFINITION', 'STARTED', 'TURNS', 'COST', 'STATUS', 'TAGS'].map(bold)
  return columns([head, ...rows.map((row) => cells(harmless(row)))])
}

function cells({
  id,
  kind,
  name,
  version,
  createdAt,
  totals,
  status,
  waiting,
  waits,
  erasedAt,
  tags,
}: RunRow): string[] {
  return [
    id,
    `${kind} ${name} ${version}`,
    sayTime(createdAt),
    String(totals.turns),
    // What is known of it: a reply without a price is told by `show`.
    `${totals.unpriced > 0 ? '>' : ''}${formatUsd(totals.costNano)}`,
    `${OF_STATUS[status](status)}${waiting ? ` ${sayWaiting(waiting)}${sayMore(waits)}` : ''}${erasedAt === null ? '' : `, erased ${sayTime(erasedAt)}`}`,
    tags.join(', '),
  ]
}

/** `show` tells all of it. */
function sayMore(waits: readonly Waiting[]): string {
  const asked = waits[0] && sayAsked(waits[0])
  return `${asked === undefined ? '' : `: ${short(asked)}`}${waits.length > 1 ? `, and ${waits.length - 1} more` : ''}`
}
