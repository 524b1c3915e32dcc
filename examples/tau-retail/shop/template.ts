import { sqlite } from '@reprise/store'
import Database from 'better-sqlite3'
import type { Tables } from './types.ts'

/** Makes a journal in which a whole shop stands, before anybody has called: to be copied. */
export async function makeTemplate(path: string, tables: Tables): Promise<void> {
  const store = sqlite(path, { durability: 'process' })
  // It makes its file at the first use.
  await store.runs({ limit: 1 })
  await store.close()
  const db = new Database(path)
  const fill = db.transaction(() => {
    db.exec('create table ledger (id integer primary key, tool text, key text, answer text) strict')
    db.exec('create index ledger_key on ledger (key)')
    for (const [table, rows] of Object.entries<Tables[keyof Tables]>(tables)) {
      db.exec(`create table ${table} (id text primary key, body text not null) strict`)
      const insert = db.prepare(`insert into ${table} values (?, ?)`)
      for (const [id, row] of Object.entries<unknown>(rows)) insert.run(id, JSON.stringify(row))
    }
  })
  fill()
  db.close()
}
