// A reader that stays lets the log grow: all that is written meanwhile stays in it. So little is written.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout as pause } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { appending, beginning, sampleEntry } from '@reprise/testing/store-suite'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { SqliteStore } from './sqlite-store.ts'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-log-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A page of the log: one of the database with its header. */
const FRAME_BYTES = 8_192 + 24

let path = ''
let store: SqliteStore
beforeEach(() => {
  path = join(mkdtempSync(join(folder, 'case-')), 'runs.db')
  store = sqlite(path, { durability: 'process' })
})

/** Begins to read as of now, and goes on until it is ended. */
function reading(): { readonly end: () => void } {
  const db = new Database(path)
  db.exec('begin')
  db.prepare('select count(*) from runs').get()
  return {
    end: () => {
      db.exec('commit')
      db.close()
    },
  }
}

const logBytes = (): number => statSync(`${path}-wal`).size

async function beatOf(owner: string): Promise<number | undefined> {
  return (await store.owners()).find((found) => found.owner === owner)?.heartbeat
}

/** Resolves when an owner has been beaten for so many times, by whomever. */
async function beats(owner: string, times: number, meanwhile: () => Promise<void> = setImmediate): Promise<void> {
  let before = await beatOf(owner)
  for (let heard = 0; heard < times;) {
    await meanwhile()
    const beat = await beatOf(owner)
    if (beat !== before) heard++
    before = beat
  }
}

test('an entry is two pages of the log, its own and one of its index, and now and then one more', async () => {
  await store.commit([beginning('r1')])
  const reader = reading()
  const before = logBytes()
  for (let seq = 1; seq <= 1_000; seq++)
    await store.commit([{ ...appending('r1'), entries: [sampleEntry(seq, { text: 'x'.repeat(430) })] }])

  expect((logBytes() - before) / 1_000 / FRAME_BYTES).toBeLessThan(2.2)
  reader.end()
  await store.close()
})

test('a beat for an owner that has no runs is not written', async () => {
  await store.commit([beginning('r1', { owner: 'busy' })])
  await store.heartbeat('idle', 1)
  const reader = new Database(path)
  const idle = reader.prepare<[], number>("select beat from owners where owner = 'idle'").pluck()
  for (const owner of ['idle', 'busy']) store.keepAlive(owner, 20)
  await beats('busy', 5)

  expect(idle.get()).toBe(1)
  reader.close()
  await store.close()
})

test('a thread beats for an event loop that does not, and leaves it to one that does', { tags: 'slow' }, async () => {
  await store.commit([beginning('r1', { owner: 'silent' }), beginning('r2', { owner: 'alive' })])
  for (const owner of ['silent', 'alive']) store.keepAlive(owner, 100)
  let own = 0
  let others = 0
  await beats('silent', 20, async () => {
    if (own > 0 && (await beatOf('alive')) !== own) others++
    await store.heartbeat('alive', ++own)
    await pause(10)
  })

  // On a busy machine a loop is silent at times.
  expect(others).toBeLessThan(10)
  await store.close()
})

test(
  'a worker that finds nothing cuts the log back, once the reader that let it grow has ended',
  { tags: 'slow' },
  async () => {
    await store.commit([beginning('r1')])
    const reader = reading()
    for (let seq = 1; seq <= 20; seq++)
      await store.commit([
        { ...appending('r1'), entries: [sampleEntry(seq, { text: String(seq).padEnd(1_000_000, 'x') })] },
      ])
    const look = (): Promise<unknown> =>
      store.take({ owner: 'w', heartbeat: 1 }, { now: 0, gone: [], definitions: [], except: [], limit: 1 })

    await look()
    expect(logBytes()).toBeGreaterThan(16 * 1_024 * 1_024)
    reader.end()
    await expect.poll(() => look().then(logBytes)).toBe(0)
    await store.close()
  },
)
