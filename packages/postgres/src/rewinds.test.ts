// A journal that is of an earlier moment than what was written to it. `npm run drill` makes it so by servers that are lost.
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { Proxy } from './proxy.fixture.ts'
import { asAdmin, freshSchema, keysUrl, serverUrl } from './testing.fixture.ts'

const OWNED = { status: 'running', owner: 'o1', epoch: 1 } as const

let [schema, url] = ['', '']
const ended: (() => Promise<unknown>)[] = []
beforeEach(async () => {
  schema = freshSchema()
  url = await serverUrl()
})
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

function open(keys: string | undefined, at = url): PostgresStore {
  const store = postgres(at, { schema, ...(keys !== undefined && { keys }) })
  ended.push(() => store.close())
  return store
}

async function markHere(): Promise<number> {
  const [row] = await asAdmin<{ readonly mark: string }>(`select mark from ${schema}.meta`)
  return Number(row?.mark)
}

async function markTold(): Promise<number> {
  const [row] = await asAdmin<{ readonly mark: string }>(`select mark from ${schema}.marks`, await keysUrl())
  return Number(row?.mark ?? 0)
}

describe('where the keys stand in another database', () => {
  test('a journal that is behind what was told there is noticed when it is opened, and once', async () => {
    const before = open(await keysUrl())
    await before.commit([beginning('owned', OWNED), beginning('done', { status: 'completed', endedAt: 5 })])
    await before.heartbeat('o1', 5)
    await expect.poll(markTold).toBe(1)
    await before.heartbeat('o1', 10)
    await expect.poll(markTold).toBe(2)
    await before.close()
    await asAdmin(`update ${schema}.meta set mark = 1`)

    const warning = once(process, 'warning')
    const store = open(await keysUrl())
    expect(await store.run('owned')).toMatchObject({
      status: 'quarantined',
      owner: null,
      waiting: { reason: expect.stringContaining('its mark is behind the one that is kept with its keys') as string },
    })
    expect(await store.run('done')).toMatchObject({ status: 'completed' })
    expect(await warning).toMatchObject([{ code: 'store_restored' }])

    await asAdmin(`update ${schema}.runs set status = 'queued', waiting = null, waiting_kind = null where id = 'owned'`)
    await store.close()
    expect(await open(await keysUrl()).run('owned')).toMatchObject({ status: 'queued' })
  })

  test('it is noticed by a process at work when it counts on', async () => {
    const store = open(await keysUrl())
    await store.commit([beginning('owned', OWNED)])
    for (const beat of [5, 10, 15]) {
      const told = await markTold()
      await store.heartbeat('o1', beat)
      await expect.poll(markTold).toBe(told + 1)
    }
    await asAdmin(`update ${schema}.meta set mark = 1`)

    await store.heartbeat('o1', 20)
    await expect.poll(async () => (await store.run('owned'))?.status).toBe('quarantined')
    expect(await store.commit([{ runId: 'owned', epoch: 1, entries: [sampleEntry(1)] }])).toEqual([{ kind: 'stale' }])
  })

  test('many processes that count on at the same time notice nothing', async () => {
    const stores = await Promise.all([1, 2, 3].map(async () => open(await keysUrl())))
    await stores[0]?.commit([beginning('owned', OWNED)])
    for (let round = 1; round < 8; round++)
      await Promise.all(stores.map((store, n) => store.heartbeat(`o${n}`, round * 5)))
    await expect.poll(markHere).toBe(21)
    await Promise.all(stores.map((store) => store.close()))
    expect(await open(await keysUrl()).run('owned')).toMatchObject({ status: 'running' })
  })
})

test('nothing is counted where the keys stand in the same database', async () => {
  const store = open(undefined)
  await store.heartbeat('o1', 5)
  await store.close()
  expect(await markHere()).toBe(0)
})

describe('after a connection broke', () => {
  let proxy: Proxy
  let store: PostgresStore
  beforeEach(async () => {
    proxy = await Proxy.to(url)
    ended.push(() => proxy.close())
    store = open(undefined, proxy.url)
    await store.commit([beginning('owned', OWNED), beginning('queued', { createdAt: 7 })])
    await store.commit([{ runId: 'owned', epoch: 1, entries: [sampleEntry(1)] }])
  })

  test('a journal that lacks what it acknowledged is noticed with whatever is asked next', async () => {
    await asAdmin(`delete from ${schema}.entries where seq = 1`)
    proxy.cut()

    const warning = once(process, 'warning')
    await expect.poll(() => store.owners().catch(() => undefined)).toEqual([])
    expect(await warning).toMatchObject([{ code: 'store_restored' }])
    expect(await store.run('owned')).toMatchObject({ status: 'quarantined', owner: null })
    expect(await store.run('queued')).toMatchObject({ status: 'quarantined' })
  })

  test('so is one that has given a run to fewer owners', async () => {
    await store.claim({ id: 'owned', epoch: 1, ownerHeartbeat: 0 }, { owner: 'o2', heartbeat: 1 })
    await store.commit([{ runId: 'owned', epoch: 2, entries: [sampleEntry(2)] }])
    await asAdmin(`update ${schema}.runs set epoch = 1, owner = 'o1' where id = 'owned'`)
    await asAdmin(`delete from ${schema}.entries where seq = 2`)
    proxy.cut()
    await expect.poll(async () => (await store.run('owned').catch(() => undefined))?.status).toBe('quarantined')
  })

  test.each([
    ['has all of it', 'select 1'],
    [
      'has more',
      `insert into SCHEMA.entries select run, 2, at, attempt, kind, key, body, sealed, hash from SCHEMA.entries where seq = 1`,
    ],
    [
      'has a later run of the same id',
      `delete from SCHEMA.entries; update SCHEMA.runs set created_at = created_at + 1`,
    ],
    ['has given the run to another', `delete from SCHEMA.entries; update SCHEMA.runs set epoch = 2`],
    ['has erased it', `delete from SCHEMA.entries; update SCHEMA.runs set erased_at = 1, erased_by = 'ana'`],
  ])('one that %s is not taken for such', async (_, change) => {
    await asAdmin(change.replaceAll('SCHEMA', schema))
    proxy.cut()
    await expect.poll(() => store.owned('nobody').catch(() => undefined)).toEqual([])
    expect(await store.run('owned')).toMatchObject({ status: 'running', owner: 'o1' })
  })
})
