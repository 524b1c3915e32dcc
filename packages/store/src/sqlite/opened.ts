// All that works on an opened database. It is loaded with the first use of a store: a program that starts does not wait for it.
import { Audit } from './audit.ts'
import { noteCleanEnd } from './clean-end.ts'
import type { DatabaseConstructor, SqliteDatabase } from './database.ts'
import { Early } from './early.ts'
import { Entries } from './entries.ts'
import type { Eraser } from './erase.ts'
import { Facts } from './facts.ts'
import { Gc } from './gc.ts'
import { Inbox } from './inbox.ts'
import { InPlace } from './in-place.ts'
import type { Lineages, MasterKeys } from './lineages.ts'
import { closeDatabase, emptyLog, MAX_IDLE_LOG_BYTES, openDatabase } from './open.ts'
import type { Durability } from './open.ts'
import { Owners } from './owners.ts'
import { Queue } from './queue.ts'
import { Runs } from './runs.ts'
import { Schedules } from './schedules.ts'
import { Scrubber } from './scrub.ts'
import { Secrets } from './secrets.ts'
import { Turns } from './turns.ts'
import { Writer } from './writer.ts'

/** A store at work: one connection, however many stores of this process share it. */
export interface Opened {
  readonly turns: Turns
  readonly inPlace: InPlace
  readonly db: SqliteDatabase
  readonly writer: Writer
  readonly owners: Owners
  readonly runs: Runs
  readonly queue: Queue
  readonly entries: Entries
  readonly early: Early
  readonly inbox: Inbox
  readonly schedules: Schedules
  readonly facts: Facts
  readonly audit: Audit
  readonly gc: Gc
  readonly secretValues: Secrets
  readonly lineages: Lineages
  readonly eraser: Eraser
  readonly scrubber: Scrubber
  /** Empties the log, where nobody reads it. */
  readonly emptyLog: () => void
  /** The same of a log that a reader let grow, as that one ends: whoever writes next would do it, and nobody may. */
  readonly shortenLog: () => void
  /** Notes that damage was met: the next opening looks through all of it. */
  readonly doubt: () => void
  readonly close: () => Promise<void>
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
  const { db, reader, lineages, eraser } = await openDatabase(Database, path, durability, masters)
  const inPlace = new InPlace(path)
  const scrubber = new Scrubber(db, path, lineages)
  scrubber.begin()
  const owners = new Owners(db)
  const schedules = new Schedules(db, lineages)
  const audit = new Audit(db)
  const early = new Early(db, lineages)
  const facts = new Facts(db, lineages, audit)
  let doubted = false
  return {
    turns: new Turns(),
    inPlace,
    db,
    writer: new Writer(db, lineages, owners, { schedules, audit, early, facts }),
    schedules,
    facts,
    owners,
    runs: new Runs(db, path),
    queue: new Queue(db),
    entries: new Entries(db, path, lineages),
    early,
    inbox: new Inbox(db, path, lineages, audit),
    audit,
    gc: new Gc(db, lineages),
    secretValues: new Secrets(db, lineages),
    lineages,
    eraser,
    scrubber,
    emptyLog: () => {
      if (!inPlace.isCutOff()) emptyLog(db)
    },
    shortenLog: () => {
      if (inPlace.logBytes > MAX_IDLE_LOG_BYTES) emptyLog(db)
    },
    doubt: () => {
      doubted = true
    },
    close: async () => {
      await scrubber.end()
      if (inPlace.isCutOff()) {
        db.close()
        reader?.close()
      } else {
        reader?.close()
        closeDatabase(db)
        if (!doubted) await noteCleanEnd(path)
      }
      lineages.close()
    },
  }
}
