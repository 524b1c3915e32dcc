import Database from 'better-sqlite3'
import { Outbox } from '../desk/outbox.ts'
import type { Folder } from '../folder.ts'
import { showUsd } from '../shop/money.ts'
import { columns } from './columns.ts'

/** Something that the desk did to the world, for which ticket. */
export interface Change {
  readonly ticket: string
  /** The tool that did it. */
  readonly tool: string
  /** What it was done to: an order, a customer, an address. */
  readonly to: string
  readonly what: string
}

const IN_SHOP = `
  select ticket, keys.what as tool, order_id as "to", cents, reason as text from refunds join keys using (key)
  union all
  select ticket, keys.what, order_id, null, sku || ', label ' || tracking from labels join keys using (key)
  union all
  select ticket, keys.what, order_id, null, before || ' -> ' || after from changes join keys using (key)`

const IN_BOOK = `
  select run_id as ticket, 'give_credit' as tool, customer_id as "to", cents, reason as text from credits
  union all
  select run_id, 'escalate', customer_id, null, summary from escalations`

/** Reads all that the desk ever did in a folder, ticket by ticket in the order of their ids. */
export function readChanges(folder: Folder): readonly Change[] {
  const mails = new Outbox(folder.outbox).sent()
  const changes = [
    ...query(folder.shop, IN_SHOP),
    ...query(folder.journal, IN_BOOK),
    ...mails.map(({ ticket, to, subject }) => ({ ticket, tool: 'send_email', to, what: subject })),
  ]
  return changes.toSorted((a, b) => order(a).localeCompare(order(b), 'en', { numeric: true }))
}

function order({ ticket, tool, to, what }: Change): string {
  return [ticket, tool === 'send_email' ? 'z' : tool, to, what].join(' ')
}

interface Found extends Omit<Change, 'what'> {
  readonly cents: number | null
  readonly text: string
}

function query(path: string, sql: string): Change[] {
  const db = new Database(path, { fileMustExist: true })
  try {
    const found = db.prepare<[], Found>(sql).all()
    return found.map(({ cents, text, ...change }) => ({
      ...change,
      what: cents === null ? text : `${showUsd(cents)}, ${text}`,
    }))
  } finally {
    db.close()
  }
}

/** All changes as lines for a person. */
export function showChanges(changes: readonly Change[]): string[] {
  if (changes.length === 0) return ['Nothing was changed in the shop.']
  const rows = changes.map(({ ticket, tool, to, what }) => ['', ticket, tool, to, what])
  return ['What was changed in the shop:', ...columns(rows)]
}
