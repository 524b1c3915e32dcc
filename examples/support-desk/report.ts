import type { Rest } from '@reprise/core'
import { checkBooks } from './check/books.ts'
import { checkPart } from './check/part.ts'
import type { DeskBook } from './desk/book.ts'
import { actionsOf } from './desk/outcome.ts'
import type { Folder } from './folder.ts'
import type { DeskRuntime } from './open-desk.ts'
import type { Shop } from './shop/open.ts'
import { columns } from './show/columns.ts'
import { readChanges, showChanges } from './show/changes.ts'
import { type Ended, type Row, showTable } from './show/table.ts'

/** What there is to report on. */
export interface Reported {
  readonly ended: readonly Ended[]
  readonly runtime: DeskRuntime
  readonly folder: Folder
  readonly book: DeskBook
  readonly shop: Shop
  /** Whether the demo's own tickets were answered by the written part, so that their ends are known. */
  readonly checksPart: boolean
  /** Whether the runs are in Postgres. @default false */
  readonly onPostgres?: boolean
}

/**
 * Prints what came of the tickets, and holds the books against each other.
 *
 * @returns whether all tickets ended and everything is right.
 */
export async function report({ ended, runtime, folder, book, shop, ...about }: Reported): Promise<boolean> {
  const { checksPart, onPostgres = false } = about
  const entries = new Map(
    await Promise.all(ended.map(async ({ ticket }) => [ticket, await runtime.runs.entries(ticket)] as const)),
  )
  const rows = ended.map((end): Row => ({ ...end, actions: actionsOf(entries.get(end.ticket) ?? []) }))
  const changes = readChanges(folder, await book.lines())
  const wrong = [...checkBooks({ rows, entries, changes, shop: shop.db }), ...(checksPart ? checkPart(rows) : [])]
  print(showTable(rows), showChanges(changes), rows.flatMap(unfinished), howToLook(rows, onPostgres))
  const nothingRan = ended.every(({ wasEnded }) => wasEnded)
  print(wrong.length === 0 ? [`${nothingRan ? NOTHING_RAN : 'The books are right'}: ${AGREE}`] : wrong)
  return wrong.length === 0 && rows.every(({ outcome }) => outcome.kind === 'completed')
}

const NOTHING_RAN = 'Nothing ran, since every ticket had ended before. The books still agree'
const AGREE = 'every key made one effect, and what the journals say is what was done.'

function print(...blocks: readonly (readonly string[])[]): void {
  for (const lines of blocks) if (lines.length > 0) console.log(`\n${lines.join('\n')}`)
}

function unfinished({ ticket, outcome }: Row): string[] {
  switch (outcome.kind) {
    case 'completed':
      return []
    case 'cancelled':
      return [`${ticket} was cancelled: ${outcome.reason}`]
    case 'waiting':
      return [`${ticket} waits: ${whyItWaits(outcome.waiting)}`]
    case 'failed':
    case 'refused':
    case 'incomplete':
    case 'over-budget':
      return [`${ticket} ended as ${outcome.kind}: ${outcome.error.message}`]
    default:
      return outcome satisfies never
  }
}

function whyItWaits(rest: Rest): string {
  if (rest.kind === 'interrupted') return rest.error.message
  return 'tool' in rest ? `nobody knows whether ${rest.tool} happened` : 'for somebody'
}

function howToLook([first]: readonly Row[], onPostgres: boolean): string[] {
  const demo = `npm run demo -- ${onPostgres ? '--postgres ' : ''}`
  return [
    'To look again:',
    ...columns([
      ['', `${demo}--show ${first?.ticket ?? 'RUN'}`, 'what happened in a run, step by step'],
      ['', `${demo}--replay`, 'every run again under the code as it is now, offline'],
      ['', `${demo}--fresh`, 'from the beginning; --seed N for other mistakes'],
    ]),
  ]
}
