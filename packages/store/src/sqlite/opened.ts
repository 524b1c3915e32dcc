// All that works on an opened database. It is loaded with the first use of a store: a program that starts does not wait for it.
import type { DatabaseConstructor, SqliteDatabase } from './database.ts'
import { Entries } from './entries.ts'
import { Eraser } from './erase.ts'
import { Gc } from './gc.ts'
import { Inbox } from './inbox.ts'
import { InPlace } from './in-place.ts'
import type { MasterKeys } from './lineages.ts'
import { closeDatabase, emptyLog, openDatabase } from './open.ts'
import type { Durability } from './open.ts'
import { Runs } from './runs.ts'
import { Secrets } from './secrets.ts'
import { Turns } from './turns.ts'
import { Writer } from './writer.ts'

/** A store at work: one connection, however many stores of this process share it. */
export interface Opened {
  readonly turns: Turns
  readonly inPlace: InPlace
  readonly db: SqliteDatabase
  readonly writer: Writer
  readonly runs: Runs
  readonly entries: Entries
  readonly inbox: Inbox
  readonly gc: Gc
  readonly secretValues: Secrets
  readonly eraser: Eraser
  /** Empties the log, where nobody reads it. */
  readonly emptyLog: () => void
  readonly close: () => void
}

/**
 * Opens a store.
 *
 * @throws what `openDatabase` throws.
 */
export async function openStore(
  Database: DatabaseConstructor,
  path: string,
  durability: Durability,
  masters: MasterKeys,
): Promise<Opened> {
  const { db, lineages } = await openDatabase(Database, path, durability, masters)
  return {
    turns: new Turns(),
    inPlace: new InPlace(path),
    db,
    writer: new Writer(db, lineages),
    runs: new Runs(db, path),
    entries: new Entries(db, path, lineages),
    inbox: new Inbox(db, path, lineages),
    gc: new Gc(db, lineages),
    secretValues: new Secrets(db, lineages),
    eraser: new Eraser(db, path, lineages),
    emptyLog: () => emptyLog(db),
    close: () => {
      closeDatabase(db)
      lineages.close()
    },
  }
}
