import type { SqliteDatabase } from './database.ts'

/** Does some work that deletes: what it deletes is overwritten where it stands, so that little is left should the scrubbing come late. */
export function overwriting<T>(db: SqliteDatabase, work: () => T): T {
  db.pragma('secure_delete = on')
  try {
    return work()
  } finally {
    db.pragma('secure_delete = off')
  }
}
