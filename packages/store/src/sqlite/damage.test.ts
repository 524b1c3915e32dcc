import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { appending, beginning, sampleEntry } from '@reprise/testing/store-suite'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ONCE = 'said only once'
const LONG = 'a long result '.repeat(400)

let path = ''
let count = 0
beforeEach(async () => {
  path = join(folder, `${count++}.db`)
  const store = sqlite(path, { durability: 'process' })
  const entries = [sampleEntry(1), sampleEntry(2, { result: ONCE }), sampleEntry(3, { name: 'read', result: LONG })]
  await store.commit([beginning('r1'), { ...appending('r1'), entries }, beginning('r2'), appending('r2', 1, 2)])
  await store.close()
})

/** Changes the file behind the store's back. */
function alter(statement: string): void {
  const db = new Database(path)
  expect(db.prepare(statement).run().changes).toBe(1)
  db.close()
}

/** Flips one bit of the file where a text begins that stands in it once. */
function flip(text: string): void {
  const bytes = readFileSync(path)
  const at = bytes.indexOf(text)
  expect(bytes.indexOf(text, at + 1)).toBe(-1)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  writeFileSync(path, bytes)
}

/** Reads the runs that are there, and gives the error about r1. */
async function failure(): Promise<unknown> {
  const store = sqlite(path)
  expect(await store.entries('r2')).toEqual([0, 1, 2].map((seq) => sampleEntry(seq)))
  const thrown = await store.entries('r1').catch((error: unknown) => error)
  await store.close()
  return thrown
}

describe('an altered journal is refused, by run and entry,', () => {
  test("when one bit of a body was flipped, of which SQLite's own check says nothing", async () => {
    flip(ONCE)
    const db = new Database(path)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    db.close()

    expect(await failure()).toMatchObject({
      name: 'StoreError',
      code: 'store_corrupt',
      message: `The store at ${path} has a damaged journal of run "r1": entry 2 is not what was written, its hash does not hold. Restore the store from a backup; its other runs can still be read.`,
      details: { path, runId: 'r1', seq: 2 },
      retryable: false,
    })
  })

  test('when one bit of a blob was flipped', async () => {
    flip(LONG)

    expect(await failure()).toMatchObject({ code: 'store_corrupt', details: { runId: 'r1', seq: 3 } })
  })

  test.each([
    [
      'its key changed',
      "update entries set key = 'agent:2/turn:1/call:0' where run = 1 and seq = 1",
      1,
      'its hash does not hold',
    ],
    ['its kind changed', 'update entries set kind = 8 where run = 1 and seq = 1', 1, 'its hash does not hold'],
    [
      'its kind is none',
      'update entries set kind = 99 where run = 1 and seq = 1',
      1,
      'no kind of entry has the number 99',
    ],
    ['its attempt changed', 'update entries set attempt = 2 where run = 1 and seq = 1', 1, 'its hash does not hold'],
    ['its time changed', 'update entries set at = at + 1 where run = 1 and seq = 1', 1, 'its hash does not hold'],
    [
      'its hash changed',
      'update entries set hash = zeroblob(32) where run = 1 and seq = 1',
      1,
      'its hash does not hold',
    ],
    ['it is gone', 'delete from entries where run = 1 and seq = 1', 1, 'it is missing'],
    ['its place changed', 'update entries set seq = 4 where run = 1 and seq = 3', 3, 'it is missing'],
    ['its blob is gone', 'delete from blobs', 3, /^its body cannot be put together \(no blob [\w-]{43}\)$/],
    [
      'its holes changed',
      "update entries set body = '~' || body where run = 1 and seq = 3",
      3,
      /^its body cannot be put together \(.*JSON/,
    ],
  ])('when %s', async (_, statement, seq, why) => {
    alter(statement)
    const thrown = await failure()

    expect(thrown).toMatchObject({ code: 'store_corrupt', details: { runId: 'r1', seq } })
    const store = sqlite(path)
    // Whoever has read up to there is told of what comes then, and of nothing before that.
    await expect(store.entries('r1', seq)).rejects.toMatchObject({
      code: 'store_corrupt',
      details: { runId: 'r1', seq },
    })
    expect(await store.entries('r2', 2)).toEqual([sampleEntry(2)])
    await store.close()
    const [, what] = /entry \d is not what was written, (.*)\. Restore/.exec(String(thrown)) ?? []
    expect(what).toMatch(why)
  })
})

describe('a damaged file is not opened', () => {
  const refused = async (): Promise<unknown> =>
    sqlite(path)
      .run('r1')
      .catch((error: unknown) => error)

  const expected = () => ({
    name: 'StoreError',
    code: 'store_corrupt',
    message: `The store at ${path} has a damaged page. Restore it from a backup; keep the damaged file, and the -wal file beside it, for a rescue.`,
  })

  test('when a page of it was overwritten', { tags: 'slow' }, async () => {
    const bytes = readFileSync(path)
    for (let page = 1; page * 8192 < bytes.length; page++) {
      const damaged = Buffer.from(bytes).fill(0xa5, page * 8192, page * 8192 + 64)
      writeFileSync(path, damaged)
      expect([page, await refused()]).toMatchObject([page, expected()])
      expect(readFileSync(path).equals(damaged)).toBe(true)
    }
  })

  test('when it was cut short', async () => {
    truncateSync(path, 3 * 8192)

    expect(await refused()).toMatchObject(expected())
  })
})
