import { endedCleanly } from './clean-end.ts'
import type { SqliteDatabase } from './database.ts'
import { refuseDamage } from './damage.ts'
import { identityOf, refuseIdentity } from './identity.ts'
import type { Lineages } from './lineages.ts'
import { APPLICATION_ID, MIGRATIONS } from './schema.ts'

/** The version since which a database says by which keys it is encrypted; before, none was. */
export const KEYS_SINCE = 4

/**
 * Brings a database's tables to this program's version, in one transaction: a process that dies half-way leaves the
 * version before (fault 20).
 *
 * @param lineages undefined for a database of which nothing is read: any keys are right then.
 * @throws StoreError when the database is not a journal, a newer program's, or one of other keys.
 */
export function migrate(db: SqliteDatabase, path: string, pageBytes: number, lineages: Lineages | undefined): void {
  refuseIdentity(identityOf(db), path)
  if (!endedCleanly(path)) refuseDamage(db, path)
  const { schema } = identityOf(db)
  if (schema > 0) lineages?.check(schema < KEYS_SINCE ? null : keysOf(db))
  lineages?.rotate()
  db.pragma(`page_size = ${pageBytes}`)
  db.pragma('journal_mode = wal')
  if (schema === MIGRATIONS.length) return
  const raise = db.transaction(() => {
    // Another process may have been here while this one waited for its turn.
    const identity = identityOf(db)
    refuseIdentity(identity, path)
    for (const step of MIGRATIONS.slice(identity.schema)) db.exec(step)
    if (identity.schema === 0 && lineages) db.prepare('update meta set keys = ?').run(lineages.begin())
    db.pragma(`application_id = ${APPLICATION_ID}`)
    db.pragma(`user_version = ${MIGRATIONS.length}`)
  })
  raise.immediate()
  lineages?.check(keysOf(db))
  lineages?.rotate()
}

/** The id of the keys by which a database is encrypted; null where it is not. */
export function keysOf(db: SqliteDatabase): string | null {
  return db.prepare<[], string | null>('select keys from meta').pluck().get() ?? null
}
