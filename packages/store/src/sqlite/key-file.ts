import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { ErasureWord } from '@reprise/core'
import type { MasterKey } from '@reprise/format/keys'
import type { DatabaseConstructor, SqliteDatabase } from './database.ts'
import { IN_MEMORY } from './in-memory.ts'
import { isTaken, makeEmpty } from './part.ts'

/** Marks the file beside a database: "Rpsk" in SQLite's `application_id`. */
const APPLICATION_ID = 0x5270736b

/** How many keys are wrapped anew at a time. */
const PAGE = 250

/** How long SQLite itself waits for another process's change: what leads to a change here is tried again. */
const BUSY_TIMEOUT_MS = 3

/** The lineage of the key by which a file without any other tells its master key: no run has this id. */
const NOBODY = ''

/** SQLite's `user_version` has 32 bits. */
const MAX_RESIDUE = 2 ** 31 - 1

const TABLES = `
  create table vault (format integer not null, id text not null) strict;
  create table masters (id text not null primary key) strict, without rowid;
  create table keys (lineage text not null primary key, master text not null, wrapped blob not null) strict, without rowid;
  create table erased (lineage text not null primary key, at integer not null, by text not null) strict, without rowid;
`

/** Who erased a lineage, and when, in milliseconds since 1970. */
export interface Erased {
  readonly at: number
  readonly by: string
}

/** A lineage's key as the file holds it. */
export interface WrappedKey {
  /** The id of the master key that has wrapped it. */
  readonly master: string
  readonly wrapped: Buffer
}

/** Where the keys of a database stand: beside it, so that a backup of the data is none of the keys. */
export function keyPath(path: string): string {
  return path === IN_MEMORY ? IN_MEMORY : `${path}.keys`
}

/** Tells whether a database has such a file beside it. */
export function hasKeyFile(path: string): boolean {
  return path !== IN_MEMORY && existsSync(keyPath(path))
}

/**
 * The file beside a database that holds what must not come back with it: the wrapped key of each lineage, or, in its
 * place, that it was erased. Rolled back by a journal and not by a log, so that the file is whole whenever nobody writes
 * it and may be copied; what is deleted is overwritten with zeros.
 */
export class KeyFile {
  /** What ties it to its database. */
  readonly id: string
  readonly #db: SqliteDatabase
  readonly #version
  readonly #select
  readonly #erasure
  readonly #insert

  constructor(Database: DatabaseConstructor, path: string) {
    if (path !== IN_MEMORY) makePrivate(keyPath(path))
    this.#db = new Database(keyPath(path), { timeout: BUSY_TIMEOUT_MS })
    try {
      this.#db.pragma('secure_delete = on')
      // A commit stands when its journal is gone, and that is to survive the loss of power too: full leaves it open.
      this.#db.pragma('synchronous = extra')
      this.#db.pragma('fullfsync = on')
      this.id = this.#begin()
      this.#version = this.#db.prepare<[], number>('pragma data_version').pluck()
      this.#select = this.#db.prepare<[lineage: string], WrappedKey>(
        'select master, wrapped from keys where lineage = ?',
      )
      this.#erasure = this.#db.prepare<[lineage: string], Erased>('select at, by from erased where lineage = ?')
      this.#insert = this.#db.prepare<[{ lineage: string; master: string; wrapped: Buffer }]>(
        `insert into keys select @lineage, @master, @wrapped
          where not exists (select 1 from erased where lineage = @lineage) on conflict do nothing`,
      )
    } catch (thrown) {
      this.#db.close()
      throw thrown
    }
  }

  /** Tells by another number that another connection has changed the file. */
  get version(): number {
    return this.#version.get() ?? 0
  }

  /**
   * Makes a key for each lineage that has none and was not erased.
   *
   * @param check throws where the master key is not to be used any more: it is asked when nobody else can change that.
   */
  make(lineages: readonly string[], master: MasterKey, check: () => void): void {
    const make = this.#db.transaction(() => {
      check()
      this.#note(master)
      for (const lineage of lineages) this.#insert.run({ lineage, master: master.id, wrapped: master.make(lineage) })
    })
    make.immediate()
  }

  /** Finds a lineage's key as it stands here. */
  find(lineage: string): WrappedKey | undefined {
    return this.#select.get(lineage)
  }

  /** Who erased a lineage; undefined where nobody did. */
  erasure(lineage: string): Erased | undefined {
    return this.#erasure.get(lineage)
  }

  /** All lineages that were erased. */
  erased(): readonly (Erased & { readonly lineage: string })[] {
    return this.#db.prepare<[], Erased & { lineage: string }>('select lineage, at, by from erased').all()
  }

  /** Some of the lineages that were erased, after one, in the order of their ids. */
  erasedAfter(lineage: string, limit: number): readonly ErasureWord[] {
    return this.#db
      .prepare<[string, number], ErasureWord>(
        'select lineage as lineageId, by, at from erased where lineage > ? order by lineage limit ?',
      )
      .all(lineage, limit)
  }

  /** Notes for ever that lineages were erased which have nothing here. */
  note(words: readonly ErasureWord[]): void {
    const insert = this.#db.prepare('insert into erased (lineage, at, by) values (?, ?, ?) on conflict do nothing')
    const note = this.#db.transaction(() => {
      for (const { lineageId, at, by } of words) insert.run(lineageId, at, by)
    })
    note.immediate()
  }

  /** Forgets keys that nothing is left of. */
  drop(lineages: readonly string[]): void {
    this.#db.prepare('delete from keys where lineage in (select value from json_each(?))').run(JSON.stringify(lineages))
  }

  /**
   * Tells whether what was erased may still be found in the files: 0 where it cannot, else a number that is another one
   * after each erasure.
   */
  get residue(): number {
    return Number(this.#db.pragma('user_version', { simple: true }))
  }

  /** Notes that what was erased may be found in the files. */
  soil(): void {
    const residue = this.residue
    this.#db.pragma(`user_version = ${residue === MAX_RESIDUE ? 1 : residue + 1}`)
  }

  /** Notes that the files are clean of what was erased before a moment: where nothing was erased since then. */
  scrubbed(residue: number): void {
    const scrubbed = this.#db.transaction(() => {
      if (this.residue === residue) this.#db.pragma('user_version = 0')
    })
    scrubbed.immediate()
  }

  /** Destroys a lineage's key, and notes for ever that the lineage was erased. */
  destroy(lineage: string, { at, by }: Erased): void {
    const destroy = this.#db.transaction(() => {
      this.#db.prepare('delete from keys where lineage = ?').run(lineage)
      this.#db.prepare('insert into erased values (?, ?, ?) on conflict do nothing').run(lineage, at, by)
      this.soil()
    })
    destroy.immediate()
  }

  /** The ids of the master keys by which something here is wrapped. */
  masters(): readonly string[] {
    return this.#db.prepare<[], string>('select id from masters').pluck().all()
  }

  /** Wraps by `to` what the other master keys have wrapped: all of it, or nothing. */
  rotate(to: MasterKey, others: readonly MasterKey[]): void {
    const rotate = this.#db.transaction(() => {
      this.#note(to)
      for (const from of others) {
        this.#rewrap(from, to)
        this.#db.prepare('delete from masters where id = ?').run(from.id)
      }
    })
    rotate.immediate()
  }

  /** Makes the key by which a file without runs still tells which master key it is for. */
  tie(master: MasterKey): void {
    this.make([NOBODY], master, () => undefined)
  }

  close(): void {
    this.#db.close()
  }

  #note(master: MasterKey): void {
    this.#db.prepare('insert into masters values (?) on conflict do nothing').run(master.id)
  }

  #rewrap(from: MasterKey, to: MasterKey): void {
    const select = this.#db.prepare<
      [master: string, after: string, limit: number],
      { lineage: string; wrapped: Buffer }
    >('select lineage, wrapped from keys where master = ? and lineage >= ? order by lineage limit ?')
    const update = this.#db.prepare('update keys set master = ?, wrapped = ? where lineage = ?')
    // What is wrapped anew is no longer found, so the last of a page is where the next one begins.
    for (let page = select.all(from.id, '', PAGE); page.length > 0;) {
      for (const { lineage, wrapped } of page) update.run(to.id, to.rewrap(wrapped, lineage, from), lineage)
      page = select.all(from.id, page.at(-1)?.lineage ?? '', PAGE)
    }
  }

  /** Another process may make the file at the same time. */
  #begin(): string {
    const begin = this.#db.transaction(() => {
      if (this.#db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
        this.#db.exec(TABLES)
        this.#db.prepare('insert into vault values (1, ?)').run(randomUUID())
        this.#db.pragma(`application_id = ${APPLICATION_ID}`)
      }
      return this.#db.prepare<[], string>('select id from vault').pluck().get() ?? ''
    })
    return begin.immediate()
  }
}

/** SQLite would make the file for everybody to read, and takes an empty one for new. Another process may make it first. */
function makePrivate(path: string): void {
  if (isTaken(path)) return
  try {
    makeEmpty(path, 0o600)
  } catch (thrown) {
    if (!isTaken(path)) throw thrown
  }
}
