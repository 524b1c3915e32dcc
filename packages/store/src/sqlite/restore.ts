import { resolve } from 'node:path'
import type { Waiting } from '@reprise/core'
import { checkPath } from './check-path.ts'
import { problem, toStoreError } from './errors.ts'

/** What a restore came to. */
export interface Restored {
  /** The runs that had not ended when the backup was made: they are in quarantine. */
  readonly parked: readonly string[]
}

/**
 * Makes a store out of a backup. Runs that had not ended then are put into quarantine: what they did afterwards is not
 * known here, so nobody goes on with them before somebody has looked and released them; schedules are paused, since what they
 * began after that is not known either. No key is needed: the `.keys` file
 * of an encrypted store, and of one from which something was erased, is not part of a backup, and belongs beside the path.
 *
 * @param backup the file that `backup` made.
 * @param path of the new store: nothing may stand there. It has the permissions of the backup.
 * @throws StoreError when the backup is no plain file or no store, or is damaged, or something stands at the path.
 * @example
 * ```ts
 * import { createRuntime } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { restore, sqlite } from '@reprise/store'
 *
 * await using runtime = createRuntime({ store: sqlite('desk.db'), models: openai(), definitions: [] })
 * await runtime.backup('monday.db')
 * const { parked } = await restore('monday.db', 'again.db')
 * console.log(`${parked.length} runs had not ended`) // 0 runs had not ended
 * ```
 */
export async function restore(backup: string, path: string): Promise<Restored> {
  const { chmodSync, copyFileSync, renameSync, rmSync, statSync } = process.getBuiltinModule('node:fs')
  const { isTaken, makePart } = await import('./part.ts')
  checkPath('restore', backup)
  checkPath('restore', path)
  const [from, to] = [resolve(backup), resolve(path)]
  const source = statSync(from, { throwIfNoEntry: false })
  if (!source) throw problem('store_no_backup', from, 'is not there', 'Give the path of a backup.')
  // A pipe or a device may never end.
  if (!source.isFile()) throw problem('store_no_backup', from, 'is no plain file', 'Give the path of a backup.')
  for (const file of [to, `${to}-wal`])
    if (isTaken(file))
      throw problem('store_exists', file, 'is there already, and was left as it is', 'Move it away, and restore again.')
  const { isOpenHere } = await import('./open-files.ts')
  if (isOpenHere(from))
    throw problem('store_busy', from, 'is open in this process', 'Close it first, or restore from a backup of it.')
  const part = makePart(to, 0o600)
  try {
    copyFileSync(from, part)
    // A backup may be kept where nobody writes it; a store is written by whom it belongs to.
    chmodSync(part, (source.mode & 0o777) | 0o600)
    const parked = await park(part)
    renameSync(part, to)
    return { parked }
  } catch (thrown) {
    for (const file of [part, `${part}-wal`, `${part}-shm`]) rmSync(file, { force: true })
    throw toStoreError(thrown, from)
  }
}

async function park(path: string): Promise<string[]> {
  const { closeDatabase, openUnread } = await import('./open.ts')
  const db = await openUnread(path)
  try {
    const reason =
      'The store was restored from a backup, and what the run did after that was made is not known: calls with the effect "once" may have happened.'
    const waiting = { kind: 'quarantined', key: 'run', reason } satisfies Waiting
    db.exec(`update schedules set paused = 1, etag = lower(hex(randomblob(16)))`)
    return db
      .prepare<[string, string], string>(
        `update runs set status = 'quarantined', waiting = ?, waits = ?, wake_at = null, owner = null, epoch = epoch + 1
          where ended_at is null returning id`,
      )
      .pluck()
      .all(JSON.stringify(waiting), JSON.stringify([waiting]))
  } finally {
    closeDatabase(db)
  }
}
