import { formatUsd, type RunRow } from '@reprise/core'
import { columns } from './columns.ts'
import { bold, OF_STATUS } from './style.ts'
import { plain } from './text.ts'
import { sayTime } from './time.ts'
import { sayWaiting } from './waiting.ts'

/** Runs as a table. */
export function runTable(rows: readonly RunRow[]): string[] {
  const head = ['RUN', 'DEFINITION', 'STARTED', 'TURNS', 'COST', 'STATUS', 'TAGS'].map(bold)
  return columns([head, ...rows.map(cells)])
}

function cells({ id, kind, name, version, createdAt, totals, status, waiting, erasedAt, tags }: RunRow): string[] {
  return [
    id,
    `${kind} ${name} ${version}`,
    sayTime(createdAt),
    String(totals.turns),
    // What is known of it: a reply without a price is told by `show`.
    `${totals.unpriced > 0 ? '>' : ''}${formatUsd(totals.costNano)}`,
    `${OF_STATUS[status](status)}${waiting ? ` ${sayWaiting(waiting)}` : ''}${erasedAt === null ? '' : `, erased ${sayTime(erasedAt)}`}`,
    plain(tags.join(', ')),
  ]
}
