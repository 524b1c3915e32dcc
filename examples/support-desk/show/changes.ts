import Database from 'better-sqlite3'
import type { Booked } from '../desk/book.ts'
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

/**
 * Reads all that the desk ever did, ticket by ticket in the order of their ids.
 *
 * @param book the lines of the desk's own book.
 */
export function readChanges(folder: Folder, book: readonly Booked[]): readonly Change[] {
  const mails = new Outbox(folder.outbox).sent()
  const changes = [
    ...inShop(folder.shop).map(changeOf),
    ...book.map(changeOf),
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

function changeOf({ cents, text, ...change }: Found): Change {
  return { ...change, what: cents === null ? text : `${showUsd(cents)}, ${text}` }
}

function inShop(path: string): readonly Found[] {
  const db = new Database(path, { fileMustExist: true })
  try {
    return db.prepare<[], Found>(IN_SHOP).all()
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
