import Database from 'better-sqlite3'
import type { Changed } from '../data.ts'
import { TABLES } from '../shop/template.ts'

/** Compares all rows of a shop with those that it began with; one that is gone is null. */
export function changedRows(path: string, template: string): Changed {
  const db = new Database(path, { readonly: true })
  try {
    db.prepare('attach ? as before').run(template)
    const changed = TABLES.map((table) => [table, Object.fromEntries(changedIn(db, table))] as const)
    return Object.fromEntries(changed.filter(([, rows]) => Object.keys(rows).length > 0))
  } finally {
    db.close()
  }
}

function changedIn(db: Database.Database, table: string): [string, unknown][] {
  const sql = `select id, now.body from main.${table} now full join before.${table} was using (id) where now.body is not was.body`
  const rows = db.prepare<[], [string, string | null]>(sql).raw().all()
  return rows.map(([id, body]) => [id, JSON.parse(body ?? 'null')])
}
