import { isDeepStrictEqual } from 'node:util'
import Database from 'better-sqlite3'
import type { Task } from '../data.ts'

/** Compares all rows of a shop with those that it began with; one that is gone is null. */
export function changedRows(path: string, template: string): Task['changed'] {
  const db = new Database(path, { readonly: true })
  try {
    db.prepare('attach ? as before').run(template)
    const changed = ['users', 'orders', 'products'].map((table) => [table, changedIn(db, table)] as const)
    return Object.fromEntries(changed.filter(([, rows]) => Object.keys(rows).length > 0))
  } finally {
    db.close()
  }
}

function changedIn(db: Database.Database, table: string): Record<string, unknown> {
  const sql = `select id, now.body, was.body from main.${table} now full join before.${table} was using (id) where now.body is not was.body`
  const rows = db.prepare<[], [string, string | null, string | null]>(sql).raw().all()
  const parsed = rows.map(([id, now, was]) => ({ id, now: parse(now), was: parse(was) }))
  // What was changed back may be spelled in another order.
  const changed = parsed.filter(({ now, was }) => !isDeepStrictEqual(now, was))
  return Object.fromEntries(changed.map(({ id, now }) => [id, now]))
}

function parse(body: string | null): unknown {
  return JSON.parse(body ?? 'null')
}
