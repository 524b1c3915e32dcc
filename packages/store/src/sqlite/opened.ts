// All that works on an opened database. It is loaded with the first use of a store: a program that starts does not wait for it.
import type { Encryption } from '../keys/given-key.ts'
import type { SqliteDatabase } from './database.ts'
import { Entries } from './entries.ts'
import { Eraser } from './erase.ts'
import { Gc } from './gc.ts'
import { guardedHandle } from './handle.ts'
import { Inbox } from './inbox.ts'
import { closeDatabase, openDatabase } from './open.ts'
import type { Durability } from './open.ts'
import { Runs } from './runs.ts'
import { Secrets } from './secrets.ts'
import { Writer } from './writer.ts'

/** A store at work. */
export interface Opened {
  readonly handle: SqliteDatabase
  readonly writer: Writer
  readonly runs: Runs
  readonly entries: Entries
  readonly inbox: Inbox
  readonly gc: Gc
  readonly secretValues: Secrets
  readonly eraser: Eraser
  readonly close: () => void
}

/**
 * Opens a store.
 *
 * @throws what `openDatabase` throws.
 */
export async function openStore(
  path: string,
  durability: Durability,
  encryption: Encryption | undefined,
): Promise<Opened> {
  const { db, lineages } = await openDatabase(path, durability, encryption)
  return {
    handle: guardedHandle(db),
    writer: new Writer(db, lineages),
    runs: new Runs(db, path),
    entries: new Entries(db, path, lineages),
    inbox: new Inbox(db, path, lineages),
    gc: new Gc(db, lineages),
    secretValues: new Secrets(db, lineages),
    eraser: new Eraser(db, path, lineages),
    close: () => {
      closeDatabase(db)
      lineages.close()
    },
  }
}
