import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { RunRow, Store } from '@reprise/core'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import { afterEach, describe, expect, test } from 'vitest'
import { examine } from './examine.ts'
import { folder } from './folder.ts'
import { openStores } from './open-stores.ts'
import { postgres } from './postgres.ts'
import { asAdmin, freshSchema, inTransaction, keysUrl, serverUrl } from './testing.fixture.ts'

const ended: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

type Options = Omit<Parameters<typeof postgres>[1] & object, 'schema'>

async function opened(options: Options = {}) {
  const [url, schema] = [await serverUrl(), freshSchema()]
  const store: Store = postgres(url, { ...options, schema })
  ended.push(() => store.close())
  await store.owners()
  return { url, schema, store }
}

const idle = { owner: null } as const
const waiting = (id: string, given: Partial<RunRow>) => beginning(id, { ...idle, status: 'waiting', ...given })

describe('examining a store on Postgres', () => {
  test('finds how its server, its tables and its runs are, and makes nothing', async () => {
    const { url, schema, store } = await opened()
    await store.commit([
      beginning('r1', { ...idle, status: 'completed', endedAt: 7 }),
      beginning('r2', { ...idle, status: 'failed', endedAt: 5 }),
      waiting('r3', { waiting: { kind: 'in-doubt', key: 'k', id: 'k', tool: 'pay' } }),
      beginning('r4', { ...idle, status: 'queued' }),
    ])
    await asAdmin(`analyze ${schema}.runs`)

    const found = await examine(url, { schema, patienceMs: 0 })
    const { version, transactionIds, ...server } = found.server
    expect(version).toMatch(/^\d+\.\d/)
    expect(transactionIds).toEqual({ age: expect.any(Number) as number, vacuumedAt: 200_000_000 })
    expect(server).toEqual({
      isStandby: false,
      // As the server of the tests was told.
      durability: { fsync: 'off', full_page_writes: 'on', synchronous_commit: 'on' },
      autovacuums: true,
    })
    expect(found).toMatchObject({
      schema: { found: 1, least: 1, known: 1 },
      fault: null,
      keys: { encrypted: false, fault: null },
      owners: [],
      ended: { runs: 2, firstEndedAt: 5 },
      seesOthers: true,
      hears: true,
      blobs: { areOutside: false, looked: 0, missing: [], fault: null },
    })
    expect(found.queue).toEqual(await store.queue(found.at))
    expect(found.tables?.map(({ bytes }) => bytes)).toEqual(
      found.tables?.map(({ bytes }) => bytes).toSorted((a, b) => b - a),
    )
    expect(found.tables?.find(({ name }) => name === 'runs')).toEqual({
      name: 'runs',
      bytes: expect.any(Number) as number,
      rows: 4,
      deadRows: expect.any(Number) as number,
      vacuumedAgoMs: null,
    })

    const absent = freshSchema()
    await expect(examine(url, { schema: absent })).rejects.toMatchObject({ code: 'no_store' })
    expect(await asAdmin(`select 1 from pg_namespace where nspname = '${absent}'`)).toEqual([])
  })

  test('tells of what loses commits for the user who looks', async () => {
    const { url, schema } = await opened()
    const own = new URL(url)
    own.searchParams.set('options', '-c synchronous_commit=off')
    const { server } = await examine(own.href, { schema, patienceMs: 0 })
    expect(server.durability.synchronous_commit).toBe('off')
  })

  test('tells whose heartbeat changes, and who has runs and beats no more', async () => {
    const { url, schema, store } = await opened()
    await store.commit([beginning('r1', { owner: 'alive' }), beginning('r2', { owner: 'dead' })])
    await store.heartbeat('dead', 1)
    const looking = new AbortController()
    const beating = (async () => {
      for (let beat = 1; !looking.signal.aborted; beat++) await store.heartbeat('alive', beat)
    })()
    const { owners } = await examine(url, { schema, patienceMs: 300 })
    looking.abort()
    await beating

    expect(owners).toEqual([
      { owner: 'alive', runs: 1, beats: true },
      { owner: 'dead', runs: 1, beats: false },
    ])
  })

  test('names what has kept the server for the longest from cleaning', async () => {
    const { url, schema, store } = await opened()
    const mine = async () => {
      const { heldBy } = await examine(url, { schema, patienceMs: 0 })
      return heldBy?.name === 'a long report' ? heldBy : null
    }
    await inTransaction(async (client) => {
      await client.query(`set local application_name = 'a long report'`)
      await client.query(`set transaction isolation level repeatable read`)
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
      // Others begin transactions meanwhile.
      for (const at of Array(20).keys()) await store.heartbeat('ann', at)
      await expect.poll(mine).toEqual({
        kind: 'transaction',
        pid: rows[0]?.pid,
        name: 'a long report',
        state: 'idle in transaction',
        openMs: expect.any(Number) as number,
        transactions: expect.any(Number) as number,
      })
    })
    expect(await mine()).toBeNull()
  })

  test('tells that nothing is heard where another database is listened to', { tags: 'slow' }, async () => {
    const { url, schema } = await opened()
    expect((await examine(url, { schema, listenUrl: await keysUrl(), patienceMs: 0 })).hears).toBe(false)
  })

  test('of an encrypted one tells whether the keys fit, and all the rest without them', async () => {
    const [key, keys] = [Buffer.alloc(32, 7), await keysUrl()]
    const { url, schema, store } = await opened({ encryption: { key }, keys })
    await store.commit([beginning('r1', { ...idle, status: 'queued' })])
    const fault = async (given: Parameters<typeof examine>[1]) => {
      const found = await examine(url, { ...given, schema, patienceMs: 0 })
      expect(found.queue).toHaveLength(1)
      return found.keys
    }
    expect(await fault({ encryption: { key }, keys })).toEqual({ encrypted: true, fault: null })
    expect(await fault({})).toMatchObject({ encrypted: true, fault: { code: 'store_encrypted' } })
    expect(await fault({ encryption: { key: Buffer.alloc(32, 8) }, keys })).toMatchObject({
      fault: { code: 'store_wrong_key' },
    })
    expect(await fault({ encryption: { key } })).toMatchObject({ fault: { code: 'store_no_keys' } })
    // It only looks: what an opening with these would wrap by another key stays as it is.
    const next = { key: Buffer.alloc(32, 9), oldKeys: [key] }
    expect(await fault({ encryption: next, keys })).toEqual({ encrypted: true, fault: null })
    expect(await fault({ encryption: { key }, keys })).toEqual({ encrypted: true, fault: null })
    expect(await store.commit([beginning('r2', { ...idle, status: 'queued' })])).toEqual([{ kind: 'written' }])
    expect(await asAdmin(`select 1 from pg_tables where schemaname = '${schema}' and tablename = 'vault'`)).toEqual([])

    const plain = await opened()
    expect(await examine(plain.url, { schema: plain.schema, encryption: { key }, patienceMs: 0 })).toMatchObject({
      keys: { encrypted: false, fault: { code: 'store_not_encrypted' } },
    })
  })

  test('tells of blobs that are not where they should be', async () => {
    const path = await mkdtemp(join(tmpdir(), 'reprise-examine-'))
    ended.push(() => rm(path, { recursive: true }))
    const { url, schema, store } = await opened({ blobs: folder(path), minBlobBytes: 1_000 })
    await store.commit([{ ...beginning('r1'), entries: [sampleEntry(0, { text: 'x'.repeat(100_000) })] }])
    const found = async (blobs?: ReturnType<typeof folder>) =>
      (await examine(url, { schema, patienceMs: 0, ...(blobs && { blobs }) })).blobs

    expect(await found(folder(path))).toEqual({ areOutside: true, looked: 1, missing: [], fault: null })
    expect(await found()).toMatchObject({ areOutside: true, looked: 0, fault: { code: 'store_no_blobs' } })
    const [name] = (await readdir(path, { recursive: true })).filter((file) => /[0-9a-f]{64}-/.test(file))
    await rm(join(path, name ?? ''))
    expect(await found(folder(path))).toEqual({
      areOutside: true,
      looked: 1,
      missing: [name?.split(/[/\\]/).at(-1)],
      fault: null,
    })
  })

  test('by a store that is open has what the store was given, also where that is a pool', async () => {
    const pool = new pg.Pool({ connectionString: await serverUrl(), pipeline: true })
    ended.push(() => pool.end())
    const [schema, key] = [freshSchema(), Buffer.alloc(32, 7)]
    const store = postgres(pool, { schema, encryption: { key } })
    expect(openStores()).not.toContain(store)
    await store.owners()
    expect(openStores()).toContain(store)
    const { place, keys, hears } = await store.examine({ patienceMs: 0 })
    expect({ place, keys, hears }).toEqual({
      place: expect.stringMatching(`^postgres://127.0.0.1:\\d+/postgres, schema "${schema}"$`) as string,
      keys: { encrypted: true, fault: null },
      hears: null,
    })
    await store.close()
    expect(openStores()).not.toContain(store)
  })

  test('of tables that this program is too old for tells no more than that', async () => {
    const { url, schema, store } = await opened()
    await store.close()
    await asAdmin(`update ${schema}.meta set schema = 9, least = 8`)
    expect(await examine(url, { schema })).toMatchObject({
      schema: { found: 9, least: 8, known: 1 },
      fault: { code: 'store_newer' },
      queue: null,
      blobs: null,
    })
  })
})

test('what cannot be asked is an error without its password', async () => {
  const url = new URL(await serverUrl())
  url.password = 'hunter2'
  const refused: unknown = await examine(url.href).catch((thrown: unknown) => thrown)
  expect(refused).toMatchObject({ code: 'store_refused' })
  expect(String(refused)).not.toContain('hunter2')
})
