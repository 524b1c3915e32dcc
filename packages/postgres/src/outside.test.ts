// Journals whose large parts stand in a real folder, or in a bucket of the test server, beside the real database.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunWrite } from '@reprise/core'
import { StoreError } from '@reprise/core'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgres } from './postgres.ts'
import type { PostgresOptions } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { asAdmin, freshSchema, inTransaction, keysUrl, serverUrl } from './testing.fixture.ts'
import type { BlobStore } from './blob-store.ts'
import { changed } from './changed-blobs.fixture.ts'
import { folder } from './folder.ts'
import { s3 } from './s3.ts'
import { S3Server } from './s3-server.fixture.ts'

const AT = Date.UTC(2026, 10, 30)
const ENDED = { status: 'completed', endedAt: 5, owner: null } as const
const KEY = Buffer.alloc(32, 'key')
const SAID = 'said in confidence'
const long = (what: string) => ({ name: 'read', result: `${what}: ${`${SAID} `.repeat(500)}` })

const place = mkdtempSync(join(tmpdir(), 'reprise-outside-'))
afterAll(() => rmSync(place, { recursive: true }))

let server: S3Server
beforeAll(async () => {
  server = await S3Server.start('journal', { ann: 'secret of ann' })
})
afterAll(() => server.stop())

let [schema, url, path] = ['', '', '']
let count = 0
const stores: PostgresStore[] = []
beforeEach(async () => {
  schema = freshSchema()
  url = await serverUrl()
  path = join(place, `${count++}`)
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

function open(options: PostgresOptions = { blobs: folder(path) }, at = url): PostgresStore {
  const store = postgres(at, { schema, minBlobBytes: 1, ...options })
  stores.push(store)
  return store
}

/** What ends a run in one entry that says something at length. */
function saying(id: string, what: string, row: Parameters<typeof beginning>[1] = ENDED): RunWrite {
  return { ...beginning(id, row), entries: [sampleEntry(0, long(what))] }
}

async function listed(blobs: BlobStore = folder(path)): Promise<readonly string[]> {
  const names: string[] = []
  for await (const { name } of blobs.list()) names.push(name)
  return names.toSorted()
}

/** The names that rows have, and how many blobs stand in the database. */
async function rows(): Promise<{ readonly names: readonly string[]; readonly inside: number; readonly dead: number }> {
  const blobs = await asAdmin<{ name: string | null }>(`select name from "${schema}".blobs`)
  const dead = await asAdmin(`select 1 from "${schema}".dead_blobs`)
  const names = blobs.flatMap(({ name }) => name ?? []).toSorted()
  return { names, inside: blobs.length - names.length, dead: dead.length }
}

/** Makes a blob as old as one that a crash has left two days ago. */
function age(name: string): void {
  const before = Date.now() / 1000 - 2 * 86_400
  utimesSync(join(path, name.slice(0, 2), name), before, before)
}

const bucket = (): BlobStore =>
  s3({
    bucket: 'journal',
    prefix: `of-${path.split('/').at(-1) ?? ''}/`,
    endpoint: server.url,
    credentials: { accessKeyId: 'ann', secretAccessKey: 'secret of ann' },
  })

const ALL_PLACES: readonly [string, () => BlobStore, boolean][] = [
  ['a folder', () => folder(path), false],
  ['a folder, encrypted', () => folder(path), true],
  ['a bucket', () => bucket(), false],
  ['a bucket, encrypted', () => bucket(), true],
]

/** A sample; `npm run thorough` has all. */
const PLACES = process.env['REPRISE_ALL'] ? ALL_PLACES : ALL_PLACES.slice(1, 3)

describe.each(PLACES)('large parts in %s', (_, blobsOf, isSealed) => {
  async function opened(): Promise<PostgresStore> {
    return open({ blobs: blobsOf(), ...(isSealed && { encryption: { key: KEY }, keys: await keysUrl() }) })
  }

  test('stand there and not in the database, each once, and another process reads them', async () => {
    const store = await opened()
    const all = Array.from({ length: 20 }, (__, seq) => sampleEntry(seq, long(`${seq % 15}`)))
    await store.commit([{ ...beginning('r1'), entries: all.slice(0, 10) }])
    await store.commit([{ runId: 'r1', epoch: 1, entries: all.slice(10) }])
    expect(await (await opened()).entries('r1')).toEqual(all)
    const { names, inside } = await rows()
    expect(names).toHaveLength(15)
    expect(inside).toBe(0)
    expect(await listed(blobsOf())).toEqual(names)
    for (const name of names) {
      const text = Buffer.from((await blobsOf().get(name)) ?? []).toString()
      expect(text.includes(SAID)).toBe(!isSealed)
    }
  })

  test('go with the last run that has them', async () => {
    const store = await opened()
    await store.commit([saying('r1', 'both'), saying('r2', 'both', { lineageId: 'r1' }), saying('r3', 'other')])
    expect(await listed(blobsOf())).toHaveLength(2)
    expect(await store.gc(AT, ['completed'], 10)).toEqual(['r1', 'r3'])
    expect(await listed(blobsOf())).toHaveLength(1)
    expect(await store.entries('r2')).toEqual([sampleEntry(0, long('both'))])
    expect(await rows()).toMatchObject({ names: await listed(blobsOf()), dead: 0 })
  })

  test('are gone when what they belong to is erased', async () => {
    const store = await opened()
    await store.commit([saying('r1', 'one'), saying('r2', 'two')])
    expect(await store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 1 })
    expect(await rows()).toMatchObject({ names: await listed(blobsOf()), dead: 0 })
    expect(await listed(blobsOf())).toHaveLength(1)
  })
})

describe('a place that fails', () => {
  test('fails a commit so that it is made again, and nothing of it is written', async () => {
    let isDown = true
    const store = open({
      blobs: changed(folder(path), {
        put: () => {
          if (isDown) throw new Error('out of reach')
        },
      }),
    })
    const failure = { name: 'StoreError', code: 'blobs_failed', retryable: true }
    await store.commit([beginning('r1')])
    const write = { runId: 'r1', epoch: 1, entries: [sampleEntry(1), sampleEntry(2, long('a'))] }
    for (const writes of [[write], [saying('r2', 'b')]])
      await expect(store.commit(writes)).rejects.toMatchObject(failure)
    expect(await store.entries('r1')).toHaveLength(1)
    expect(await store.run('r2')).toBeUndefined()

    isDown = false
    expect(await store.commit([write])).toEqual([{ kind: 'written' }])
    expect(await store.commit([saying('r2', 'b')])).toEqual([{ kind: 'written' }])
    expect((await store.entries('r1'))[2]).toEqual(sampleEntry(2, long('a')))
  })

  test('leaves an erasure pending until what was said is gone, and fails a cleaning up that goes on later', async () => {
    let isDown = true
    const down = changed(folder(path), {
      delete: () => {
        if (isDown) throw new StoreError({ code: 'blobs_failed', message: 'It is down.', retryable: true })
      },
    })
    const store = open({ blobs: down })
    await store.commit([saying('r1', 'one'), saying('r2', 'two')])
    expect(await store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 1, pending: true })
    await expect(store.gc(AT, ['completed'], 10)).rejects.toMatchObject({ code: 'blobs_failed', retryable: true })
    expect(await store.run('r2')).toBeUndefined()
    expect(await listed()).toHaveLength(2)
    expect(await open({ blobs: down }).run('r2')).toBeUndefined()

    isDown = false
    expect(await store.gc(AT, ['completed'], 10)).toEqual([])
    expect(await listed()).toEqual([])
    expect(await rows()).toEqual({ names: [], inside: 0, dead: 0 })
  })
})

/** Runs a process that is killed by itself when something was put, or before something is deleted. */
async function killed(when: 'put' | 'delete', work: string): Promise<void> {
  const program = `
    import { postgres } from '${import.meta.resolve('./postgres.ts')}'
    import { folder } from '${import.meta.resolve('./folder.ts')}'
    const real = folder(${JSON.stringify(path)})
    const die = () => new Promise(() => process.kill(process.pid, 'SIGKILL'))
    const blobs = {
      put: async (name, bytes) => { await real.put(name, bytes); ${when === 'put' ? 'await die()' : ''} },
      get: (name) => real.get(name),
      delete: async (names) => { ${when === 'delete' ? 'await die()' : 'await real.delete(names)'} },
      list: () => real.list(),
    }
    const store = postgres(${JSON.stringify(url)}, { schema: '${schema}', blobs, minBlobBytes: 1 })
    ${work}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [, signal] = await once(child, 'close')
  expect(signal).toBe('SIGKILL')
}

describe('a process that is killed', () => {
  test(
    'between the put and the commit leaves a blob that is swept away once it is old, and nothing else',
    { tags: 'slow' },
    async () => {
      const store = open()
      await store.commit([saying('r1', 'stays')])
      const [stays = ''] = await listed()
      await killed('put', `await store.commit([${JSON.stringify(saying('r2', 'never said'))}])`)
      expect(await store.run('r2')).toBeUndefined()
      const [orphan = ''] = (await listed()).filter((name) => name !== stays)
      expect(orphan).not.toBe('')

      await open().gc(0, ['completed'], 10)
      expect(await listed()).toContain(orphan)
      for (const name of [orphan, stays]) age(name)
      await open().gc(0, ['completed'], 10)
      expect(await listed()).toEqual([stays])
      expect(await store.entries('r1')).toEqual([sampleEntry(0, long('stays'))])
    },
  )

  test('leaves a blob for good where the place does not say how old that is', { tags: 'slow' }, async () => {
    await killed('put', `await store.commit([${JSON.stringify(saying('r1', 'just said'))}])`)
    const [orphan = ''] = await listed()
    const ageless: BlobStore = {
      ...changed(folder(path), {}),
      async *list() {
        for await (const { name } of folder(path).list()) yield { name, at: Number.NaN }
      },
    }
    await open({ blobs: ageless }).gc(0, ['completed'], 10)
    expect(await listed()).toEqual([orphan])
  })

  test.each(['await store.gc(10, ["completed"], 10)', `await store.erase("r1", "ana", ${AT})`])(
    'between the deletion of a row and of its blob leaves that to whoever opens the store next: %s',
    { tags: 'slow' },
    async (work) => {
      await open().commit([saying('r1', 'one')])
      await killed('delete', work)
      expect(await rows()).toMatchObject({ names: [], dead: 1 })
      expect(await listed()).toHaveLength(1)

      await open().run('r1')
      expect(await rows()).toMatchObject({ names: [], dead: 0 })
      expect(await listed()).toEqual([])
    },
  )
})

describe('two processes', () => {
  test('clean up and use the same parts at once: what one uses is there', { tags: 'slow' }, async () => {
    const [store, other] = [open(), open()]
    for (let round = 0; round < 20; round++) {
      await store.commit([saying(`old ${round}`, `${round}`)])
      const [gone, [written]] = await Promise.all([
        store.gc(AT, ['completed'], 10),
        other.commit([saying(`new ${round}`, `${round}`, {})]),
      ])
      expect([gone, written]).toEqual([[`old ${round}`], { kind: 'written' }])
      expect(await store.entries(`new ${round}`)).toEqual([sampleEntry(0, long(`${round}`))])
    }
    expect((await rows()).names).toHaveLength(20)
    expect(await listed()).toEqual((await rows()).names)
  })

  test('put the same at once: it is kept once', { tags: 'slow' }, async () => {
    const [store, other] = [open(), open()]
    await Promise.all([store.run('r'), other.run('r')])
    for (let round = 0; round < 10; round++)
      await Promise.all([store, other].map((each, at) => each.commit([saying(`r${round} ${at}`, `${round}`)])))
    expect(await listed()).toEqual((await rows()).names)
    expect(await listed()).toHaveLength(10)
  })

  test('whose journals share a folder leave each other what they have there', async () => {
    const store = open()
    await store.commit([saying('r1', 'one')])
    for (const name of await listed()) age(name)
    const own = schema
    schema = freshSchema()
    await open().gc(AT, ['completed'], 10)
    schema = own
    expect(await store.entries('r1')).toEqual([sampleEntry(0, long('one'))])
  })
})

test('a commit that comes too late for what was put for it puts it again', async () => {
  // The clock of the database goes on by two hours whenever something is put for the first time.
  await open({}).run('r')
  await asAdmin(`
    create table "${schema}".slept (hours int); insert into "${schema}".slept values (0);
    create function "${schema}".clock_timestamp() returns timestamptz language sql
      as 'select pg_catalog.clock_timestamp() + make_interval(hours => hours) from "${schema}".slept'`)
  const sleeping = new URL(url)
  sleeping.searchParams.set('options', `-c search_path=${schema},pg_catalog`)
  let puts = 0
  const blobs = changed(folder(path), {
    put: async () => {
      if (puts++ % 2 === 0) await asAdmin(`update "${schema}".slept set hours = hours + 2`)
    },
  })
  const store = open({ blobs }, sleeping.href)
  await store.commit([saying('r1', 'one', {})])
  expect(puts).toBe(2)
  await store.commit([{ runId: 'r1', epoch: 1, entries: [sampleEntry(1, long('two'))] }])
  expect(puts).toBe(4)
  expect(await store.entries('r1')).toEqual([sampleEntry(0, long('one')), sampleEntry(1, long('two'))])
})

test('what is begun in a transaction of the program stands in the database: no place is waited for there', async () => {
  const store = open()
  const { create, entries } = saying('r1', 'one', {})
  if (!create) throw new Error('It begins a run.')
  await inTransaction(async (client) => void (await store.within(client).begin({ row: create, entries })))
  expect(await rows()).toEqual({ names: [], inside: 1, dead: 0 })
  expect(await store.entries('r1')).toEqual(entries)
})

test('parts that are smaller than minBlobBytes stand in the database, and what stands there is read on', async () => {
  const parts = [long('small'), { name: 'read', result: 'large '.repeat(30_000) }]
  await open({}).commit([saying('r0', 'before there was a place')])
  const store = open({ blobs: folder(path), minBlobBytes: 131_072 })
  await store.commit([{ ...beginning('r1'), entries: parts.map((part, seq) => sampleEntry(seq, part)) }])
  expect(await rows()).toMatchObject({ inside: 2, names: await listed() })
  expect(await listed()).toHaveLength(1)
  expect(await store.entries('r1')).toEqual(parts.map((part, seq) => sampleEntry(seq, part)))
  expect(await store.entries('r0')).toEqual([sampleEntry(0, long('before there was a place'))])
})

describe('a store', () => {
  test(
    'that names blobs is not opened without its place, and one that was open before says so when it reads them',
    { tags: 'slow' },
    async () => {
      const before = open({})
      await before.run('r1')
      await open().commit([saying('r1', 'one')])
      const refused = { code: 'store_no_blobs', message: expect.stringContaining('blobs: folder(path)') }
      await expect(open({}).run('r1')).rejects.toMatchObject(refused)
      await expect(before.entries('r1')).rejects.toMatchObject(refused)
      expect(await before.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 1, pending: true })
      await expect(open({}).run('r1')).rejects.toMatchObject(refused)

      await open().run('r1')
      expect(await listed()).toEqual([])
    },
  )

  test('says which blob is missing, and what to do; its other runs are read', async () => {
    const store = open()
    await store.commit([saying('r1', 'one'), saying('r2', 'two')])
    const [name = ''] = await listed()
    const isFirst = readFileSync(join(path, name.slice(0, 2), name), 'utf8').includes('one')
    const [lost, other] = isFirst ? (['r1', 'r2'] as const) : (['r2', 'r1'] as const)
    await folder(path).delete([name])
    await expect(store.entries(lost)).rejects.toMatchObject({
      code: 'store_corrupt',
      details: { runId: lost, seq: 0, blob: name },
      message: expect.stringContaining('Give the folder or the bucket that it was put in'),
    })
    expect(await store.entries(other)).toHaveLength(1)
  })
})
