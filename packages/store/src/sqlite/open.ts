import type { DatabaseConstructor, SqliteDatabase } from './database.ts'
import { loadDriver, noDriver } from './driver.ts'
import { Eraser } from './erase.ts'
import { toStoreError } from './errors.ts'
import type { Encryption } from '../keys/given-key.ts'
import { masterKeys } from '../keys/master-key.ts'
import { refusePath } from './header.ts'
import { IN_MEMORY } from './in-memory.ts'
import { Lineages } from './lineages.ts'
import { migrate } from './migrate.ts'

/** What a commit survives: `power` the loss of the machine's power, `process` the end of the process alone. */
export type Durability = 'power' | 'process'

/** Entries of 0.5 and 2 KB leave the least of such a page empty; a larger one is more to write. */
const PAGE_BYTES = 8192

/** How long a write waits for another process's write. */
const BUSY_TIMEOUT_MS = 5000

/** The log that a long reader let grow is cut back to this when it starts over. */
const MAX_IDLE_LOG_BYTES = 16 * 1024 * 1024

/** A journal's database, and what is known of its lineages apart from it. */
export interface OpenDatabase {
  readonly db: SqliteDatabase
  readonly lineages: Lineages
}

/**
 * Opens a journal's database, makes it where there is none, and brings its tables up to date.
 *
 * @throws StoreError when there is no journal at the path and none can be made, or it has other keys; the file is left
 * as it was. DefinitionError when what was given is no key; what fetching a key throws.
 */
export async function openDatabase(
  path: string,
  durability: Durability,
  encryption: Encryption | undefined,
): Promise<OpenDatabase> {
  const Database = await loadDriver()
  if (path !== IN_MEMORY) refusePath(path)
  const lineages = new Lineages(Database, path, encryption && (await masterKeys(encryption)))
  try {
    return { db: open(Database, path, durability, lineages), lineages }
  } catch (thrown) {
    lineages.close()
    throw toStoreError(thrown, path)
  }
}

/** Opens a database of which no run is read: its keys are not needed. Throws what `openDatabase` throws of the file. */
export async function openUnread(path: string): Promise<SqliteDatabase> {
  const Database = await loadDriver()
  refusePath(path)
  return open(Database, path, 'power', undefined)
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

function open(
  Database: DatabaseConstructor,
  path: string,
  durability: Durability,
  lineages: Lineages | undefined,
): SqliteDatabase {
  const db = construct(Database, path)
  try {
    setDurability(db, durability)
    migrate(db, path, PAGE_BYTES, lineages)
    if (lineages) new Eraser(db, path, lineages).finish()
    db.pragma(`journal_size_limit = ${MAX_IDLE_LOG_BYTES}`)
    return db
  } catch (thrown) {
    db.close()
    throw toStoreError(thrown, path)
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
