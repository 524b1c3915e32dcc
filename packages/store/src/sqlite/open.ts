import { forgetCleanEnd } from './clean-end.ts'
import type { DatabaseConstructor, SqliteDatabase } from './database.ts'
import { loadDriver, noDriver } from './driver.ts'
import { Eraser } from './erase.ts'
import { noDatabase, toStoreError } from './errors.ts'
import { refusePath } from './header.ts'
import { IN_MEMORY } from './in-memory.ts'
import { Lineages } from './lineages.ts'
import type { MasterKeys } from './lineages.ts'
import { migrate } from './migrate.ts'
import { warnOfNetwork } from './network.ts'
import { othersTurn, patiently } from './turns.ts'

/** What a commit survives: `power` the loss of the machine's power, `process` the end of the process alone. */
export type Durability = 'power' | 'process'

/** Entries of 0.5 and 2 KB leave the least of such a page empty; a larger one is more to write. */
const PAGE_BYTES = 8192

/** How long SQLite itself waits for another process's write, with the event loop standing still: what is longer is for `patiently`. */
export const BUSY_TIMEOUT_MS = 3

/** The log that a long reader let grow is cut back to this when it starts over. */
export const MAX_IDLE_LOG_BYTES = 16 * 1024 * 1024

/** A journal's database, and what is known of its lineages apart from it. */
export interface OpenDatabase {
  readonly db: SqliteDatabase
  /**
   * A second connection, which reads; none to what is in memory. As long as it is there, the first one leaves database and
   * log as they are when it is closed, and this one does so in any case.
   */
  readonly reader: SqliteDatabase | undefined
  readonly lineages: Lineages
  readonly eraser: Eraser
}

/**
 * Opens a journal's database, makes it where there is none, and brings its tables up to date. It waits for other
 * processes that open or write it as a write does.
 *
 * @throws StoreError when there is no journal at the path and none can be made, or it has other keys; the file is left
 * as it was.
 */
export async function openDatabase(
  Database: DatabaseConstructor,
  path: string,
  durability: Durability,
  masters: MasterKeys,
): Promise<OpenDatabase> {
  const { left, ...opened } = await patiently(() => {
    const lineages = new Lineages(Database, path, masters)
    let db: SqliteDatabase | undefined
    try {
      db = open(Database, path, durability, lineages)
      forgetCleanEnd(path)
      const eraser = new Eraser(db, path, lineages)
      return { left: eraser.finish(), db, reader: openReader(Database, path), lineages, eraser }
    } catch (thrown) {
      db?.close()
      lineages.close()
      throw toStoreError(thrown, path)
    }
  })
  try {
    for (let runs = left; runs.length > 0; runs = await patiently(() => opened.eraser.goOn(runs))) await othersTurn()
  } catch (thrown) {
    opened.reader?.close()
    opened.db.close()
    opened.lineages.close()
    throw toStoreError(thrown, path)
  }
  return opened
}

/** Opens a database of which no run is read: its keys are not needed. Throws what `openDatabase` throws of the file. */
export async function openUnread(path: string): Promise<SqliteDatabase> {
  const Database = await loadDriver()
  return patiently(() => open(Database, path, 'power', undefined))
}

/** Brings all of the log into the database and empties it, unless somebody still reads it. */
export function emptyLog(db: SqliteDatabase): void {
  db.pragma('wal_checkpoint(truncate)')
}

/** Closes a database and leaves no log behind, unless another process still reads it. */
export function closeDatabase(db: SqliteDatabase): void {
  try {
    emptyLog(db)
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
  let db: SqliteDatabase | undefined
  try {
    if (path !== IN_MEMORY) refusePath(Database, path)
    db = construct(Database, path)
    setDurability(db, durability)
    migrate(db, path, PAGE_BYTES, lineages)
    // SQLite begins a log with the first read that finds none: from here on it is there.
    db.prepare('select 1 from meta').get()
    db.pragma(`journal_size_limit = ${MAX_IDLE_LOG_BYTES}`)
    if (path !== IN_MEMORY) warnOfNetwork(path)
    return db
  } catch (thrown) {
    db?.close()
    const isNone = thrown instanceof Database.SqliteError && thrown.code === 'SQLITE_NOTADB'
    throw isNone ? noDatabase(path) : toStoreError(thrown, path)
  }
}

function openReader(Database: DatabaseConstructor, path: string): SqliteDatabase | undefined {
  if (path === IN_MEMORY) return undefined
  const reader = new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    reader.prepare('select 1 from meta').get()
    return reader
  } catch (thrown) {
    reader.close()
    throw thrown
  }
}

function construct(Database: DatabaseConstructor, path: string): SqliteDatabase {
  try {
    return new Database(path, { timeout: BUSY_TIMEOUT_MS })
  } catch (thrown) {
    throw thrown instanceof Database.SqliteError ? thrown : noDriver(thrown)
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
