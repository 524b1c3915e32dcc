import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { LET_WRITE, OTHER_PATH, problem } from './errors.ts'
import { refuseIdentity } from './identity.ts'
import type { Identity } from './identity.ts'

/** SQLite's header and the head of the page that lists the tables. */
const HEADER_BYTES = 108

/**
 * Refuses a path where no store can be. It reads a file's first bytes without SQLite, which would already bring the
 * logs of another program's database up to date.
 *
 * @throws StoreError saying what stands there.
 */
export function refusePath(path: string): void {
  const folder = dirname(path)
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw problem('store_no_folder', path, `has no folder: ${folder} is not there`, 'Make it, or choose another path.')
  refuseUnwritable(folder, path)
  const file = statSync(path, { throwIfNoEntry: false })
  if (file === undefined) return
  if (file.isDirectory()) throw problem('store_folder', path, 'is a folder', 'Give the path of a file in it.')
  refuseUnwritable(path, path)
  if (file.size > 0) refuseIdentity(readIdentity(path), path)
}

// The write-ahead log stands beside the file: both the file and its folder are written.
function refuseUnwritable(target: string, path: string): void {
  try {
    accessSync(target, constants.R_OK | constants.W_OK)
  } catch {
    throw problem('store_readonly', path, `cannot be written: this user may not write ${target}`, LET_WRITE)
  }
}

/** @see https://www.sqlite.org/fileformat2.html for the places of the fields. */
function readIdentity(path: string): Identity {
  const header = Buffer.alloc(HEADER_BYTES)
  const file = openSync(path, 'r')
  try {
    readSync(file, header, 0, HEADER_BYTES, 0)
  } finally {
    closeSync(file)
  }
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
    throw problem('store_not_a_database', path, 'is not a SQLite database, and was left as it is', OTHER_PATH)
  return { applicationId: header.readInt32BE(68), schema: header.readInt32BE(60), tables: header.readUInt16BE(103) > 0 }
}
