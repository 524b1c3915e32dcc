import { resolve } from 'node:path'
import { type Author, DefinitionError, type Store } from '@reprise/core'
import type { Encryption } from '@reprise/format'
import { checkPath } from '../sqlite/check-path.ts'
import type { Moved } from './source.ts'

/** How a store is moved. */
export interface MoveOptions {
  /** What the other store is called, without a password: the file says so to whoever writes to it, and it tells a move from others. */
  readonly name: string
  /** The file's keys, as `sqlite` takes them. @default none */
  readonly encryption?: Encryption
  /** Who moves it, as the audit of the other store keeps it. @default unknown */
  readonly by?: Author
  /** How long an owner of runs must not have been heard of before it counts as dead, in milliseconds. @default 5000 */
  readonly patienceMs?: number
}

/** An owner shows itself each second, and its thread after two: some more are allowed for. */
const PATIENCE_MS = 5_000

/**
 * Moves all that a file holds to another store: runs with their journals, messages, secrets, schedules, the audit, and the word
 * of what was erased. From its beginning on nobody writes to the file any more, in no process; runs go on in the other store
 * once all is there, and wait in quarantine until then. Where it is cut short, it is begun again, and goes on.
 *
 * @param path of the file. It stays as it was, and what is erased from now on is not erased there: delete it, and its `.keys`.
 * @param to which has no runs and no schedules yet. It stays open.
 * @throws StoreError with code `store_in_use` where a process works on the file; DefinitionError with code `move_not_empty`
 * where the other store has something, `move_elsewhere` where the file is being moved to another one, `move_without_key` where
 * it holds secrets and the other store has no key to keep them by; what the stores throw.
 * @example
 * ```ts
 * import { move, sqlite } from '@reprise/store'
 *
 * await using plain = sqlite('desk.db')
 * await plain.runs({})
 * await plain.close()
 * await using encrypted = sqlite('safe.db', { encryption: { key: process.env.REPRISE_KEY ?? '' } })
 * const { runs } = await move('desk.db', encrypted, { name: 'safe.db' })
 * console.log(runs) // 0
 * ```
 */
export async function move(path: string, to: Store, options: MoveOptions): Promise<Moved> {
  const file = existing('move', path)
  const { moveFile } = await import('./move-file.ts')
  return moveFile(file, to, {
    by: { id: 'unknown', source: 'program' },
    patienceMs: PATIENCE_MS,
    ...options,
    at: Date.now(),
  })
}

/**
 * Gives a move up that was cut short: the file may be worked again, and all of it is there. What was written to the other
 * store stays in quarantine there: delete that store, a later move takes one that is empty.
 *
 * @throws DefinitionError with code `move_none` where the file is not being moved, or `move_done` where the other store has all.
 * @example
 * ```ts
 * import { giveUpMove } from '@reprise/store'
 *
 * const error = await giveUpMove('nowhere.db').catch((thrown) => thrown)
 * console.log(error.code) // no_store
 * ```
 */
export async function giveUpMove(path: string): Promise<void> {
  const file = existing('giveUpMove', path)
  const { giveUp } = await import('./move-file.ts')
  await giveUp(file)
}

function existing(what: string, path: string): string {
  checkPath(what, path)
  const file = resolve(path)
  const { existsSync } = process.getBuiltinModule('node:fs')
  if (existsSync(file)) return file
  throw new DefinitionError({ code: 'no_store', message: `There is no store at ${file}. Check the path.` })
}
