import { setTimeout as pause } from 'node:timers/promises'
import { DefinitionError, type Store } from '@reprise/core'
import type { SqliteDatabase } from '../sqlite/database.ts'
import { isOfSqlite, problem, toStoreError } from '../sqlite/errors.ts'
import { Fence, type Mark } from '../sqlite/fence.ts'
import { useFile } from '../sqlite/open-files.ts'
import { closeDatabase, openUnread } from '../sqlite/open.ts'
import { patiently } from '../sqlite/turns.ts'
import { copyAudit, copyEarly, copyErasures, copyFacts, copySchedules, resumeSchedules } from './copy-beside.ts'
import { copyRuns } from './copy-runs.ts'
import { letGoOn } from './let-go-on.ts'
import { Lock } from './lock.ts'
import type { MoveOptions } from './move.ts'
import { type Moved, Source } from './source.ts'

type Options = Required<Omit<MoveOptions, 'encryption'>> & Pick<MoveOptions, 'encryption'> & Pick<Mark, 'at'>

/**
 * As `move`. What is done stands in the order in which it may be cut short:
 * 1. the file is closed to everybody who writes (Fence);
 * 2. all is written, what goes on in quarantine, schedules paused: each write may be made again, and adds nothing then;
 * 3. the file says that the other store has all;
 * 4. there, all goes on. Nothing is written anew from then on: what somebody has deleted there stays so.
 */
export async function moveFile(path: string, to: Store, options: Options): Promise<Moved> {
  return onFile(path, async (db) => {
    const use = await useFile(path, 'power', options.encryption)
    try {
      const fence = new Fence(db)
      const source = new Source(use.opened)
      if (!fence.mark()) await begin(path, { fence, source, to }, options)
      const mark = fence.mark()
      if (!mark) throw new Error('only after it was begun')
      if (mark.to !== options.name) throw elsewhere(path, mark)
      if (!mark.done) {
        await copyRuns(source, to)
        await copyErasures(source, to)
        await copyEarly(source, to)
        await copySchedules(source, to)
        await copyFacts(source, to)
        // A copy stays: whoever erases something is told of it.
        const of = { runId: null, lineageId: null, tenant: null, what: 'move' }
        await copyAudit(source, to, { at: mark.at, action: 'backed-up', by: mark.by, ...of })
        await patiently(() => fence.finish())
      }
      await letGoOn(source, to)
      await resumeSchedules(source, to)
      return source.counts()
    } finally {
      await use.end()
    }
  })
}

/** As `giveUpMove`. */
export async function giveUp(path: string): Promise<void> {
  await onFile(path, async (db) => {
    const fence = new Fence(db)
    const mark = fence.mark()
    if (!mark) throw new DefinitionError({ code: 'move_none', message: `The store at ${path} is not being moved.` })
    if (mark.done)
      throw new DefinitionError({
        code: 'move_done',
        message: `The store at ${path} is moved: all of it goes on at ${mark.to}, and here it would go on a second time. Work on that store.`,
      })
    await patiently(() => fence.lower())
  })
}

/** Closes the file, once it is certain that nobody works on it and that the other store can have what it holds. */
async function begin(
  path: string,
  { fence, source, to }: { readonly fence: Fence; readonly source: Source; readonly to: Store },
  { name, by, at, patienceMs }: Options,
): Promise<void> {
  const found = [
    ...(await to.runs({ limit: 1 })),
    ...(await to.schedules({ limit: 1 })),
    ...(await to.facts({ limit: 1 })),
  ]
  if (found.length > 0)
    throw new DefinitionError({
      code: 'move_not_empty',
      message: `The store at ${path} cannot be moved to ${name}: that store has runs, schedules or facts already. Move into one that has nothing yet.`,
    })
  if (source.hasSecrets && !to.secrets)
    throw new DefinitionError({
      code: 'move_without_key',
      message: `The store at ${path} cannot be moved to ${name}: it holds secrets, and that store has no key to keep them by. Give it one.`,
    })
  const silent = fence.owners()
  if (silent.length > 0) await pause(patienceMs)
  const [alive] = await patiently(() => fence.raise({ to: name, by, at }, silent))
  if (alive !== undefined)
    throw problem(
      'store_in_use',
      path,
      `is worked on by "${alive}"`,
      'End that process, or let it finish what it drives, and move again. Nothing was moved.',
      { owner: alive },
    )
}

async function onFile<T>(path: string, work: (db: SqliteDatabase) => Promise<T>): Promise<T> {
  let lock: Lock | undefined
  let db: SqliteDatabase | undefined
  try {
    lock = await Lock.take(path)
    db = await openUnread(path)
    return await work(db)
  } catch (thrown) {
    throw isOfSqlite(thrown) ? toStoreError(thrown, path) : thrown
  } finally {
    if (db) closeDatabase(db)
    lock?.release()
  }
}

function elsewhere(path: string, { to, done }: Mark): DefinitionError {
  return new DefinitionError({
    code: 'move_elsewhere',
    message: `The store at ${path} ${done ? 'was' : 'is being'} moved to ${to}. ${done ? 'Work on that store.' : 'Go on with that, or give it up first.'}`,
    details: { to },
  })
}
