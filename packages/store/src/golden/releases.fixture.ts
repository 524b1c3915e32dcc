// The releases whose journals are kept, each with the code that recorded them.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { sqlite, type SqliteStore } from '../index.ts'
import { release01 } from './release-0.1.fixture.ts'
import { release02 } from './release-0.2.fixture.ts'

/** All releases, the newest last. */
export const releases = [release01, release02] as const

/** The release whose journals today's code writes. */
export const newest = release02

/** A release of which journals are kept. */
export type Release = (typeof releases)[number]

/** A store of a release: one that is encrypted has a file of keys beside it. */
export type GoldenStore = Release['stores'][number]

/** Where a store is kept. */
export function goldenFile({ file }: GoldenStore, what: 'db' | 'db.keys' = 'db'): string {
  return join(import.meta.dirname, '../../golden', `${file}.${what}.gz`)
}

/** Unpacks a store into a folder of its own below one, and gives its path. */
export function unpackGolden(store: GoldenStore, below: string): string {
  const path = join(mkdtempSync(join(below, 'golden-')), `${store.file}.db`)
  writeFileSync(path, gunzipSync(readFileSync(goldenFile(store))))
  if (store.encrypted) writeFileSync(`${path}.keys`, gunzipSync(readFileSync(goldenFile(store, 'db.keys'))))
  return path
}

/** Opens a copy of a store that is kept. */
export function openGolden(store: GoldenStore, below: string): SqliteStore {
  return sqlite(unpackGolden(store, below), { durability: 'process', ...store.options })
}

/** Records the journals of the newest release anew, into a file. */
export async function recordAnew({ encrypted, options }: GoldenStore, path: string): Promise<SqliteStore> {
  const store = sqlite(path, { durability: 'process', ...options })
  await newest.record(store, encrypted)
  return store
}

/** Records the journals of the newest release anew, and keeps them. */
export async function makeGolden(): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-golden-'))
  try {
    const made: string[] = []
    for (const golden of newest.stores) {
      const path = join(folder, `${golden.file}.db`)
      await (await recordAnew(golden, path)).close()
      const db = new Database(path)
      // One file, as small as it can be.
      db.pragma('journal_mode = delete')
      db.exec('vacuum')
      db.close()
      for (const what of ['db', 'db.keys'] as const) {
        const file = join(folder, `${golden.file}.${what}`)
        if (!existsSync(file)) continue
        writeFileSync(goldenFile(golden, what), gzipSync(readFileSync(file), { level: 9 }))
        made.push(goldenFile(golden, what))
      }
    }
    return made
  } finally {
    rmSync(folder, { recursive: true })
  }
}
