import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseConstructor } from './database.ts'
import { LET_WRITE, noDatabase, OTHER_PATH, problem } from './errors.ts'
import { identityOf, refuseIdentity } from './identity.ts'

/** A store that is being made has one page when its first transaction is cut off. */
const BEGUN_BYTES = 8192

/**
 * Refuses a path where no store can be. The file itself is opened by SQLite alone: on POSIX systems a process that closes
 * a file lets go of all locks that it has on it, those of every connection in it too, and the next program that closes
 * the database then deletes the log that they still write.
 *
 * @throws StoreError saying what stands there.
 */
export function refusePath(Database: DatabaseConstructor, path: string): void {
  const folder = dirname(path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw problem('store_no_folder', path, `has no folder: ${folder} is not there`, 'Make it, or choose another path.')
  refuseUnwritable(folder, path)
  const file = statSync(path, { throwIfNoEntry: false })
  if (file === undefined) return
  if (file.isDirectory()) throw problem('store_folder', path, 'is a folder', 'Give the path of a file in it.')
  refuseUnwritable(path, path)
  // SQLite takes a file of a single byte for an empty one.
  if (file.size === 1) throw noDatabase(path)
  // Whoever opens a database for writing brings the logs beside it up to date: not those of another program.
  if (file.size > 0 && (sizeOf(`${path}-wal`) > 0 || sizeOf(`${path}-journal`) > 0))
    refuseReadOnly(Database, path, file.size)
}

// The write-ahead log stands beside the file: both the file and its folder are written.
function refuseUnwritable(target: string, path: string): void {
  try {
    accessSync(target, constants.R_OK | constants.W_OK)
  } catch {
    throw problem('store_readonly', path, `cannot be written: this user may not write ${target}`, LET_WRITE)
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** A connection that only reads leaves file and log as they are, also when it is the last one to close. */
function refuseReadOnly(Database: DatabaseConstructor, path: string, bytes: number): void {
  const db = new Database(path, { readonly: true, timeout: 0 })
  try {
    refuseIdentity(identityOf(db), path)
  } catch (thrown) {
    // Half of a transaction that was not written to a log: a store has none but its very first.
    if (!(thrown instanceof Database.SqliteError && thrown.code === 'SQLITE_READONLY_ROLLBACK')) throw thrown
    if (bytes > BEGUN_BYTES)
      throw problem(
        'store_foreign',
        path,
        "is another program's, which was cut off in the middle of a write, and was left as it is",
        OTHER_PATH,
      )
  } finally {
    db.close()
  }
}
