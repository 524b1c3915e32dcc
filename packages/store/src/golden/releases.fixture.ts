// The releases whose journals are kept, each with the code that recorded them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import Database from 'better-sqlite3'
import { sqlite } from '../index.ts'
import { release01 } from './release-0.1.fixture.ts'

/** All releases, the newest last. */
export const releases = [release01] as const

/** The release whose journals today's code writes. */
export const newest = release01

/** Where the journals of a release are kept. */
export function goldenFile(name: string): string {
  return join(import.meta.dirname, '../../golden', `${name}.db.gz`)
}

/** Unpacks the journals of a release into a folder, and gives the path of the database. */
export function unpackGolden(name: string, folder: string): string {
  const path = join(mkdtempSync(join(folder, 'golden-')), `${name}.db`)
  writeFileSync(path, gunzipSync(readFileSync(goldenFile(name))))
  return path
}

/** Records the journals of the newest release anew, and keeps them. */
export async function makeGolden(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'reprise-golden-'))
  const path = join(folder, 'runs.db')
  try {
    const store = sqlite(path, { durability: 'process' })
    await newest.record(store)
    await store.close()
    const db = new Database(path)
    // One file, as small as it can be.
    db.pragma('journal_mode = delete')
    db.exec('vacuum')
    db.close()
    writeFileSync(goldenFile(newest.name), gzipSync(readFileSync(path), { level: 9 }))
    return goldenFile(newest.name)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
