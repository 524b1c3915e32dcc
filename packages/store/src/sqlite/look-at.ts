import { statSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { messageOf, RepriseError } from '@reprise/core'
import { masterKeys } from '@reprise/format/keys'
import type { Encryption } from '@reprise/format'
import type { DatabaseConstructor, SqliteDatabase } from './database.ts'
import { refuseDamage } from './damage.ts'
import { loadDriver } from './driver.ts'
import { toStoreError } from './errors.ts'
import type { Examination, Fault, FoundOwner, FoundRuns } from './examination.ts'
import { Fence } from './fence.ts'
import { refusePath } from './header.ts'
import { identityOf, refuseIdentity } from './identity.ts'
import { Lineages } from './lineages.ts'
import type { MasterKeys } from './lineages.ts'
import { KEYS_SINCE, keysOf } from './migrate.ts'
import { networkOf } from './network.ts'
import { BUSY_TIMEOUT_MS } from './open.ts'
import { openedBy, readersOf } from './processes.ts'
import { Queue } from './queue.ts'
import { MIGRATIONS } from './schema.ts'
import { patiently } from './turns.ts'

/** The version since which owners have a table. */
const OWNERS_SINCE = 5

/** The version since which what has not ended can be counted. */
const QUEUE_SINCE = 6

/** Between two looks at beats and at the log, in milliseconds. */
const LOOK_AGAIN_MS = 50

/** What is found by opening it. */
type Inside = Omit<Examination, 'path' | 'at' | 'bytes' | 'logBytes' | 'network' | 'openedBy'>

/** As `examine`, of a file that is there. */
export async function lookAt(
  path: string,
  encryption: Encryption | undefined,
  patienceMs: number,
): Promise<Examination> {
  const Database = await loadDriver()
  const masters = encryption && (await masterKeys(encryption))
  const at = Date.now()
  const outside = {
    path,
    at,
    bytes: statSync(path).size,
    logBytes: statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    network: networkOf(path) ?? null,
    openedBy: openedBy(path)?.filter(({ pid }) => pid !== process.pid) ?? null,
  }
  return { ...outside, ...(await inside(Database, path, masters, at, patienceMs)) }
}

async function inside(
  Database: DatabaseConstructor,
  path: string,
  masters: MasterKeys,
  at: number,
  patienceMs: number,
): Promise<Inside> {
  let found: Inside = {
    fault: null,
    journalMode: null,
    schema: null,
    keys: null,
    log: null,
    owners: null,
    runs: null,
    queue: null,
    ended: null,
    moved: null,
  }
  let db: SqliteDatabase | undefined
  try {
    db = await patiently(() => open(Database, path))
    const { schema } = identityOf(db)
    found = { ...found, schema: { found: schema, known: MIGRATIONS.length }, journalMode: journalModeOf(db) }
    refuseDamage(db, path)
    const runs = schema === 0 ? [] : runsOf(db)
    const queue = schema < QUEUE_SINCE ? null : new Queue(db).count(at)
    found = {
      ...found,
      runs,
      queue,
      ended: schema === 0 ? null : endedOf(db),
      moved: movedOf(db),
      keys: schema === 0 ? null : keysOfStore(Database, db, path, masters, schema),
    }
    return { ...found, ...(await watch(db, path, schema >= OWNERS_SINCE, patienceMs)) }
  } catch (thrown) {
    return { ...found, fault: faultOf(thrown, path) }
  } finally {
    db?.close()
  }
}

function open(Database: DatabaseConstructor, path: string): SqliteDatabase {
  refusePath(Database, path)
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS, fileMustExist: true })
  try {
    refuseIdentity(identityOf(db), path)
    return db
  } catch (thrown) {
    db.close()
    throw thrown
  }
}

function journalModeOf(db: SqliteDatabase): string {
  return String(db.pragma('journal_mode', { simple: true }))
}

function runsOf(db: SqliteDatabase): readonly FoundRuns[] {
  return db
    .prepare<[], FoundRuns>(
      `select status, iif(status = 'waiting', waiting ->> '$.kind', null) as waiting, count(*) as count
        from runs group by 1, 2 order by 1, 2`,
    )
    .all()
}

function endedOf(db: SqliteDatabase): NonNullable<Inside['ended']> {
  const ended = db.prepare<[], NonNullable<Inside['ended']>>(
    'select count(*) as runs, min(ended_at) as firstEndedAt from runs where ended_at is not null',
  )
  return ended.get() ?? { runs: 0, firstEndedAt: null }
}

function movedOf(db: SqliteDatabase): Inside['moved'] {
  const mark = new Fence(db).mark()
  return mark ? { to: mark.to, done: mark.done } : null
}

function keysOfStore(
  Database: DatabaseConstructor,
  db: SqliteDatabase,
  path: string,
  masters: MasterKeys,
  schema: number,
): Inside['keys'] {
  const id = schema < KEYS_SINCE ? null : keysOf(db)
  const lineages = new Lineages(Database, path, masters)
  try {
    lineages.check(id)
    return { encrypted: id !== null, fault: null }
  } catch (thrown) {
    return { encrypted: id !== null, fault: faultOf(thrown, path) }
  } finally {
    lineages.close()
  }
}

/** Looks until all owners have beaten and the log could be brought in once, or it has looked for long enough. */
async function watch(
  db: SqliteDatabase,
  path: string,
  hasOwners: boolean,
  patienceMs: number,
): Promise<Pick<Inside, 'log' | 'owners'>> {
  const beats = hasOwners ? new BeatWatch(db) : undefined
  const log = new LogLook(db)
  const until = performance.now() + patienceMs
  for (;;) {
    beats?.look()
    log.look()
    if ((!log.held && beats?.allBeat !== false) || performance.now() >= until) break
    await pause(LOOK_AGAIN_MS)
  }
  const readers = log.held ? readersOf(path)?.filter(({ pid }) => pid !== process.pid) : []
  return { log: { held: log.held, readers: readers ?? null }, owners: beats?.found ?? null }
}

/** Sees whose beat changes. */
class BeatWatch {
  readonly #select
  #owners = new Map<string, { readonly first: number; readonly runs: number; readonly beats: boolean }>()

  constructor(db: SqliteDatabase) {
    this.#select = db.prepare<[], { readonly owner: string; readonly beat: number; readonly runs: number }>(
      `select owner, beat, count(*) as runs from owners join runs using (owner) where runs.ended_at is null group by owner`,
    )
  }

  look(): void {
    // Those that have let go of their runs meanwhile are owners no more.
    this.#owners = new Map(
      this.#select.all().map(({ owner, beat, runs }) => {
        const seen = this.#owners.get(owner)
        return [
          owner,
          { first: seen?.first ?? beat, runs, beats: seen !== undefined && (seen.beats || beat !== seen.first) },
        ]
      }),
    )
  }

  get allBeat(): boolean {
    return [...this.#owners.values()].every(({ beats }) => beats)
  }

  get found(): readonly FoundOwner[] {
    return [...this.#owners].map(([owner, { runs, beats }]) => ({ owner, runs, beats }))
  }
}

/** Sees whether the log can be brought into the file: as long as one reader stays, it comes no further than that one is. */
class LogLook {
  readonly #db: SqliteDatabase
  /** How far it came first. */
  #first: number | undefined
  held = true

  constructor(db: SqliteDatabase) {
    this.#db = db
  }

  look(): void {
    if (!this.held) return
    const [row] = this.#db.pragma('wal_checkpoint(passive)') as [{ busy: 0 | 1; log: number; checkpointed: number }] // its one row
    this.#first ??= row.checkpointed
    // Somebody else may be at it just now, which is as good as done.
    this.held = row.checkpointed < row.log && row.checkpointed === this.#first
  }
}

function faultOf(thrown: unknown, path: string): Fault {
  const error = toStoreError(thrown, path)
  return { code: RepriseError.is(error) ? error.code : 'store_failed', message: messageOf(error) }
}
