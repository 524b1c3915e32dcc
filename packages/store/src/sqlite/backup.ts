import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname, extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { problem } from './errors.ts'
import { isTaken, makePart } from './part.ts'

/** What the thread is asked. */
export interface BackupAsk {
  readonly from: string
  readonly to: string
}

/**
 * Copies a database while it is in use. The copy is as of one moment, and stands under its name only when it is whole and
 * on the disk, with the permissions of the database. The log grows by what is written meanwhile, and is cut back after
 * it.
 *
 * @throws StoreError when something stands at the path, and what SQLite throws.
 */
export async function backUp(from: string, to: string): Promise<void> {
  if (isTaken(to))
    throw problem('store_exists', to, 'is there already, and was left as it is', 'Give a path where nothing is yet.')
  const part = makePart(to, statSync(from).mode & 0o777)
  try {
    await copy(from, part)
    await rename(part, to)
  } catch (thrown) {
    rmSync(part, { force: true })
    throw thrown
  }
  await flush(dirname(to))
}

/** SQLite takes an empty file for none. */
async function copy(from: string, part: string): Promise<void> {
  const program = new URL(`./backup-thread${extname(import.meta.url)}`, import.meta.url)
  await once(new Worker(program, { execArgv: [], workerData: { from, to: part } satisfies BackupAsk }), 'message')
  await flush(part)
}

/** SQLite leaves such a copy in the system's cache. */
async function flush(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
