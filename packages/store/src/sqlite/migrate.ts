import type { SqliteDatabase } from './database.ts'
import { refuseDamage } from './damage.ts'
import { refuseIdentity } from './identity.ts'
import type { Identity } from './identity.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

/**
 * Brings a database's tables to this program's version, in one transaction: a process that dies half-way leaves the
 * version before (fault 20).
 *
 * @throws StoreError when the database is not a journal, or a newer program's.
 */
export function migrate(db: SqliteDatabase, path: string, pageBytes: number): void {
  refuseIdentity(identityOf(db), path)
  refuseDamage(db, path)
  db.pragma(`page_size = ${pageBytes}`)
  db.pragma('journal_mode = wal')
  if (identityOf(db).schema === MIGRATIONS.length) return
  const raise = db.transaction(() => {
    // Another process may have been here while this one waited for its turn.
    const identity = identityOf(db)
    refuseIdentity(identity, path)
    for (const step of MIGRATIONS.slice(identity.schema)) db.exec(step)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${MIGRATIONS.length}`)
  })
  raise.immediate()
}

function identityOf(db: SqliteDatabase): Identity {
  const number = (sql: string): number => Number(db.prepare(sql).pluck().get())
  return {
    applicationId: number('pragma application_id'),
    schema: number('pragma user_version'),
    tables: number('select exists (select 1 from sqlite_schema)') === 1,
  }
}
