// Where the runs of a proof live: a store that each process opens for itself, and the table that its tools write to.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Store, TX } from '@reprise/core'
import { type SqliteDatabase, sqlite, type SqliteOptions } from '@reprise/store'
import { memoryStore, type MemoryTables } from '@reprise/testing'
import type { Done } from './stories/outside.ts'

/** What runs hold: instructions, and what tools and steps have said. */
export const SAID = /You are the|(?:look|pay|mail|post) [a-e]/g

/** A store with the table of its transactional tools. */
export interface BookingStore {
  readonly store: Store
  /** Adds a line, in the transaction of the tool whose ctx it is. */
  readonly book: (ctx: object, line: string) => Done
  /** All lines. */
  readonly booked: () => Promise<readonly string[]>
}

/** Where several processes find the same runs. */
export interface Place {
  /** Gives a store that is open: no call of it takes longer than its work. */
  open(): Promise<BookingStore>
  close(): Done
  /** Gives processes that open it from now on another master key, where it has one. */
  rotate?(): void
  /** What stands in its files in plain view, and must not. */
  exposed(): readonly string[] | Promise<readonly string[]>
  /** Whether another process does what its stores are asked. */
  readonly isRemote?: boolean
}

/** A place in memory. */
export function memoryPlace(): Place {
  const store = memoryStore()
  const lines = (tables: MemoryTables): readonly string[] => (tables.get('booked') ?? []) as readonly string[]
  const opened: BookingStore = {
    store,
    book: (ctx, line) => void store.tx(ctx).set('booked', [...lines(store.tx(ctx)), line]),
    booked: () => looking(store, (ctx) => lines(store.tx(ctx))),
  }
  return { open: async () => opened, close: () => undefined, exposed: () => [] }
}

/** A place on the disk. Two processes in turn have connections of their own, since they ask for other durabilities. */
export function sqlitePlace(encryption?: () => SqliteOptions['encryption']): Place {
  // In memory where that is to be had: nothing here outlives the process.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'reprise-proof-'))
  let openings = 0
  return {
    open: async () => {
      const durability = openings++ % 2 === 0 ? 'process' : 'power'
      const opened = bookingStore(join(folder, 'runs.db'), encryption?.(), durability)
      await opened.store.owners()
      return opened
    },
    close: () => rmSync(folder, { recursive: true }),
    exposed: () => {
      const files = encryption ? readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1')) : []
      return files.flatMap((file) => file.match(SAID) ?? [])
    },
  }
}

/** A place on the disk where all that runs hold is encrypted. */
export function encryptedPlace(): Place {
  const keys = [Buffer.alloc(32, 'key')]
  const place = sqlitePlace(() => ({ key: keys.at(-1) ?? '', oldKeys: keys.slice(0, -1) }))
  return { ...place, rotate: () => void keys.push(Buffer.alloc(32, `key ${keys.length}`)) }
}

/** A store in a file. */
export function bookingStore(
  path: string,
  encryption?: SqliteOptions['encryption'],
  // What ends in a proof is the process, not the machine.
  durability: SqliteOptions['durability'] = 'process',
): BookingStore {
  const store = sqlite(path, { durability, ...(encryption && { encryption }) })
  const table = (db: SqliteDatabase): SqliteDatabase =>
    db.exec('create table if not exists booked (line text not null)')
  return {
    store,
    book: (ctx, line) => void table(store.tx(ctx)).prepare('insert into booked values (?)').run(line),
    booked: () =>
      looking(store, (ctx) => table(store.tx(ctx)).prepare<[], string>('select line from booked').pluck().all()),
  }
}

/** The table is reached by tools alone, so a look at it stands in the place of one. */
async function looking(store: Store, look: (ctx: object) => readonly string[]): Promise<readonly string[]> {
  const [row] = await store.runs({ limit: 1 })
  let lines: readonly string[] = []
  if (row)
    await store.transact?.(row.id, row.epoch, (handle) => {
      lines = look({ [TX]: handle })
      return { runId: row.id, epoch: row.epoch, entries: [] }
    })
  return lines
}
