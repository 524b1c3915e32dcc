import type { SqliteDatabase } from './database.ts'
import { damaged } from './errors.ts'

/** Up to this size, a database is looked through when it is opened: a third of a second. */
const MAX_CHECKED_BYTES = 256 * 1024 * 1024

/**
 * Refuses a database with a damaged page (fault 16): a run whose row cannot be found would begin once more. In a
 * database over 256 MiB damage is only found where it is read. Whoever opens one that was left whole need not ask.
 *
 * @throws StoreError with code `store_corrupt`.
 */
export function refuseDamage(db: SqliteDatabase, path: string): void {
  const bytes = Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true }))
  if (bytes > MAX_CHECKED_BYTES) return
  const found = db.pragma('quick_check(1)', { simple: true })
  if (found !== 'ok') throw damaged(path, { found: String(found) })
}
