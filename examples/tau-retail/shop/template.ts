import { sqlite } from '@reprise/store'
import Database from 'better-sqlite3'
import { readTable } from '../data.ts'

/** The shop's tables: a row is JSON, as the data gives it. */
export const TABLES = ['users', 'orders', 'products'] as const

/** Makes a journal that holds the whole shop, before anybody has called: to be copied. */
export async function makeTemplate(path: string): Promise<void> {
  const store = sqlite(path, { durability: 'process' })
  // It makes its file at the first use.
  await store.runs({ limit: 1 })
  await store.close()
  const db = new Database(path)
  db.exec('create table ledger (id integer primary key, tool text not null, key text not null, answer text not null) strict')
  db.exec('create index ledger_key on ledger (key)')
  for (const table of TABLES) db.exec(`create table ${table} (id text primary key, body text not null) strict`)
  db.transaction(() => {
    for (const table of TABLES) {
      const insert = db.prepare(`insert into ${table} values (?, ?)`)
      for (const [id, row] of Object.entries(readTable(table))) insert.run(id, JSON.stringify(row))
    }
  })()
  db.close()
}
