import type { Digest } from '@reprise/core'
import type { Batch, BatchBlob } from './batch.ts'
import type { Database, Queryable } from './database.ts'
import { problem } from './errors.ts'
import { isNameOf, newBlobName } from './blob-name.ts'
import type { BlobStore } from './blob-store.ts'
import { eachOf, placeError } from './each-of.ts'
import type { Puts } from './put.ts'

/** Where blobs are put, and of how many bytes on. */
export interface BlobsPlace {
  readonly store: BlobStore
  readonly minBytes: number
}

/** What a batch lacks, as it was looked at `at`, by the clock of the database. */
export interface Missing {
  readonly blobs: readonly BatchBlob[]
  readonly at: number
}

/**
 * For how long a commit may name what was put for it, and how old a blob must be that no row names, in milliseconds. The one is
 * held against the clock of the database in the statement itself, however long the process slept before; the time between is for
 * that statement to end, and for clocks that go wrong.
 */
const COMMIT_MS = 3_600_000
const ORPHAN_MS = 86_400_000

/** How many names are looked up or deleted at a time. */
const PAGE = 1_000

/** The blobs that stand outside of the database, whose rows name them. */
export class Outside {
  readonly #db: Database
  readonly #place: BlobsPlace | undefined
  /** What the names of this journal's blobs have in common: others may be in the same place. */
  readonly #tag: string
  #sweptAt = -Infinity

  private constructor(db: Database, place: BlobsPlace | undefined, tag: string) {
    this.#db = db
    this.#place = place
    this.#tag = tag
  }

  /** @throws StoreError with code `store_no_blobs` where rows name blobs, and no place of them was given. */
  static async open(db: Database, place: BlobsPlace | undefined): Promise<Outside> {
    const { blobs, dead_blobs: dead, meta } = db.tables
    const [found] = await db.query<{ tag: string; used: boolean }>(
      `select blobs as tag, exists (select 1 from ${blobs} where name is not null) or exists (select 1 from ${dead}) as used
        from ${meta}`,
    )
    if (found?.used && !place) throw noBlobs(db.name)
    return new Outside(db, place, found?.tag ?? '')
  }

  /**
   * Says of the large blobs of a batch where they stand.
   *
   * @returns those that stand nowhere yet; `put` puts them, and then it is to be looked again.
   */
  async find(from: Queryable, batch: Batch, puts: Puts): Promise<Missing> {
    const place = this.#place
    const large = place ? batch.blobs.filter(({ part }) => Buffer.byteLength(part) >= place.minBytes) : []
    if (large.length === 0) return { blobs: [], at: 0 }
    const [seen] = await from.query<{ at: number; standing: readonly string[] }>(
      `select (extract(epoch from clock_timestamp()) * 1000)::bigint as at,
        array(select address::text from ${this.#db.tables.blobs} where address = any($1::text[])) as standing`,
      [large.map(({ address }) => address)],
    )
    const { at = 0, standing = [] } = seen ?? {}
    const missing = new Map<Digest, BatchBlob>()
    for (const blob of large) {
      const put = puts.get(blob.address)
      if (standing.includes(blob.address)) blob.at = 'there'
      else if (put && put.until > at) blob.at = put
      else missing.set(blob.address, blob)
    }
    return { blobs: [...missing.values()], at }
  }

  /** Puts what a batch lacks. No transaction is open meanwhile: it may take long. @throws StoreError of the place. */
  async put(missing: Missing, puts: Puts): Promise<void> {
    const store = this.#place?.store
    if (!store) return
    await eachOf(missing.blobs, async ({ address, part }) => {
      const name = newBlobName(address, this.#tag)
      await store.put(name, typeof part === 'string' ? Buffer.from(part) : part)
      puts.set(address, { name, until: missing.at + COMMIT_MS })
    })
  }

  /** Deletes what was put for a commit that is over, and is named by no row. Where that fails, it is swept away later. */
  async letGo(puts: Puts): Promise<void> {
    if (puts.size === 0) return
    try {
      await this.#deleteUnnamed([...puts.values()].map(({ name }) => name))
    } catch {
      // The commit is made all the same.
    }
  }

  /** Gets blobs, by their names; those that are not there are not in it. @throws StoreError of the place. */
  async get(names: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const found = new Map<string, Buffer>()
    if (names.length === 0) return found
    const store = this.#place?.store
    if (!store) throw noBlobs(this.#db.name)
    await eachOf(names, async (name) => {
      const bytes = await store.get(name)
      if (bytes) found.set(name, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    })
    return found
  }

  /**
   * Deletes the blobs whose rows are deleted, whoever did that, until none is left.
   *
   * @returns what the place failed with: they stay noted then, for the next time.
   */
  async bury(): Promise<Error | undefined> {
    const { dead_blobs: dead } = this.#db.tables
    for (;;) {
      const found = await this.#db.query<{ name: string }>(`select name from ${dead} order by name limit ${PAGE}`)
      if (found.length === 0) return undefined
      const names = found.map(({ name }) => name)
      const store = this.#place?.store
      if (!store) return noBlobs(this.#db.name)
      try {
        await eachOf(names, (name) => store.delete([name]))
      } catch (thrown) {
        return placeError(thrown)
      }
      await this.#db.query(`delete from ${dead} where name = any($1::text[])`, [names])
    }
  }

  /** Deletes what nothing names any more, and, once a day, what a crash has left: put, and never named. @throws StoreError of the place. */
  async clean(): Promise<void> {
    const failure = await this.bury()
    if (failure) throw failure
    const now = performance.now()
    if (now - this.#sweptAt < ORPHAN_MS) return
    this.#sweptAt = now
    try {
      await this.#sweep()
    } catch (thrown) {
      this.#sweptAt = -Infinity
      throw placeError(thrown)
    }
  }

  async #sweep(): Promise<void> {
    const store = this.#place?.store
    if (!store) return
    const [now] = await this.#db.query<{ at: number }>(
      'select (extract(epoch from clock_timestamp()) * 1000)::bigint as at',
    )
    const before = (now?.at ?? 0) - ORPHAN_MS
    let old: string[] = []
    for await (const { name, at } of store.list()) {
      // Where the place does not say how old one is, it may be on its way.
      if (!(at < before) || !isNameOf(name, this.#tag)) continue
      old.push(name)
      if (old.length === PAGE) await this.#deleteUnnamed(old.splice(0))
    }
    await this.#deleteUnnamed(old)
  }

  async #deleteUnnamed(names: readonly string[]): Promise<void> {
    const store = this.#place?.store
    if (!store || names.length === 0) return
    const named = await this.#db.query<{ name: string }>(
      `select name from ${this.#db.tables.blobs} where name = any($1::text[])`,
      [names],
    )
    const kept = new Set(named.map(({ name }) => name))
    await eachOf(
      names.filter((name) => !kept.has(name)),
      (name) => store.delete([name]),
    )
  }
}

/** The error about a place of blobs that was not given. */
export function noBlobs(name: string): Error {
  return problem(
    'store_no_blobs',
    name,
    'has blobs outside of the database, and it was not said where',
    'Give it the place that it had: postgres(url, { blobs: folder(path) }), or s3({ … }); or REPRISE_BLOBS on the command line.',
  )
}
