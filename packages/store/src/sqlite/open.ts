import type { DatabaseConstructor, SqliteDatabase } from './database.ts'
import { loadDriver, noDriver } from './driver.ts'
import { toStoreError } from './errors.ts'
import { refusePath } from './header.ts'
import { migrate } from './migrate.ts'

/** What a commit survives: `power` the loss of the machine's power, `process` the end of the process alone. */
export type Durability = 'power' | 'process'

/** The path of a database that is gone when it is closed. */
export const IN_MEMORY = ':memory:'

/** Entries of 0.5 and 2 KB leave the least of such a page empty; a larger one is more to write. */
const PAGE_BYTES = 8192

/** How long a write waits for another process's write. */
const BUSY_TIMEOUT_MS = 5000

/** The log that a long reader let grow is cut back to this when it starts over. */
const MAX_IDLE_LOG_BYTES = 16 * 1024 * 1024

/**
 * Opens a journal's database, makes it where there is none, and brings its tables up to date.
 *
 * @throws StoreError when there is no journal at the path and none can be made; the file is left as it was.
 */
export async function openDatabase(path: string, durability: Durability): Promise<SqliteDatabase> {
  const Database = await loadDriver()
  if (path !== IN_MEMORY) refusePath(path)
  const db = construct(Database, path)
  try {
    setDurability(db, durability)
    migrate(db, path, PAGE_BYTES)
    db.pragma(`journal_size_limit = ${MAX_IDLE_LOG_BYTES}`)
    return db
  } catch (thrown) {
    db.close()
    throw toStoreError(thrown, path)
  }
}

/** Closes a database and leaves no log behind, unless another process still reads it. */
export function closeDatabase(db: SqliteDatabase): void {
  try {
    db.pragma('busy_timeout = 0')
    db.pragma('wal_checkpoint(truncate)')
  } finally {
    db.close()
  }
}

function construct(Database: DatabaseConstructor, path: string): SqliteDatabase {
  try {
    return new Database(path, { timeout: BUSY_TIMEOUT_MS })
  } catch (thrown) {
    throw thrown instanceof Database.SqliteError ? toStoreError(thrown, path) : noDriver(thrown)
  }
}

// A reopened database with a write-ahead log is at NORMAL unless told otherwise on each connection (fault 19).
function setDurability(db: SqliteDatabase, durability: Durability): void {
  const power = durability !== 'process'
  db.pragma(`synchronous = ${power ? 'full' : 'normal'}`)
  // macOS flushes a disk's own cache only when asked; elsewhere these do nothing.
  db.pragma(`fullfsync = ${power}`)
  db.pragma(`checkpoint_fullfsync = ${power}`)
}
