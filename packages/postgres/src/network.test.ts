// What only a network brings: answers that are lost, servers that are gone for a moment, connections that are all in use.
import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { RepriseError } from '@reprise/core'
import type { RunWrite, Store, WriteResult } from '@reprise/core'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { Proxy } from './proxy.fixture.ts'
import { PostgresServer } from './server.fixture.ts'
import { asAdmin, freshSchema, serverUrl } from './testing.fixture.ts'

const ended: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
})

function opened(...given: Parameters<typeof postgres>): Store {
  const store = postgres(...given)
  ended.push(() => store.close())
  return store
}

async function byProxy(): Promise<{ readonly proxy: Proxy; readonly store: Store }> {
  const proxy = await Proxy.to(await serverUrl())
  ended.push(() => proxy.close())
  return { proxy, store: opened(proxy.url, { schema: freshSchema() }) }
}

/** Tries again what cannot reach the store, as the runtime does. */
async function again(store: Store, writes: readonly RunWrite[]): Promise<readonly WriteResult[]> {
  for (;;)
    try {
      return await store.commit(writes)
    } catch (error) {
      if (!RepriseError.is(error) || !error.retryable) throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
}

describe('a commit whose answer is lost', () => {
  test('says that the store cannot be reached, and is known again: of entries that were added', async () => {
    const { proxy, store } = await byProxy()
    await store.commit([beginning('r1'), beginning('r2'), beginning('r3')])
    const { totals } = sampleRow('r1')
    const row = { status: 'waiting', waiting: null, waits: [], wakeAt: 5, endedAt: null, totals } as const
    const writes = [{ ...appending('r1', 1, 2), row, messages: [sampleMessage('r3', 'a')] }, appending('r2', 1)]

    proxy.lose('SELECT 2')
    await expect(store.commit(writes)).rejects.toMatchObject({ code: 'store_unreachable', retryable: true })
    expect(await store.entries('r1')).toHaveLength(3)
    expect(await store.commit(writes)).toEqual([{ kind: 'written' }, { kind: 'written' }])
    expect(await store.commit([appending('r1', 3)])).toEqual([{ kind: 'written' }])
    expect(await store.entries('r1')).toEqual([0, 1, 2, 3].map((seq) => sampleEntry(seq)))
    expect(await store.inbox('r3')).toEqual([sampleMessage('r3', 'a')])
    expect(await store.run('r1')).toMatchObject({ status: 'waiting', wakeAt: 5 })
  })

  test('is known again of runs that began, with all that began with them', async () => {
    const { proxy, store } = await byProxy()
    await store.run('nobody')
    const begins = [{ row: sampleRow('r1~2', { root: 'r1', round: 2 }), entries: [sampleEntry(0)] }]
    const writes = [{ ...beginning('r1'), begins }]
    proxy.lose('COMMIT')
    await expect(store.commit(writes)).rejects.toMatchObject({ code: 'store_unreachable', retryable: true })

    expect(await store.run('r1~2')).toMatchObject({ round: 2 })
    expect(await again(store, writes)).toEqual([{ kind: 'written' }])
    expect(await store.entries('r1')).toEqual([sampleEntry(0)])
    expect(await store.entries('r1~2')).toEqual([sampleEntry(0)])
  })

  test('because the server half-closed its connection is known again', async () => {
    const { proxy, store } = await byProxy()
    await store.commit([beginning('r1')])
    proxy.halfClose('SELECT 1')
    await expect(store.commit([appending('r1', 1)])).rejects.toMatchObject({ code: 'store_unreachable' })

    expect(await store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
    expect(await store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
  })
})

describe('an answer that never comes on a connection that stands', () => {
  /** Asks for what is never answered, and lets time go by. */
  async function unanswered<T>(proxy: Proxy, answer: string, ask: () => Promise<T>, ms: number): Promise<unknown> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const muted = proxy.mute(answer)
      let isOver = false
      const failed = ask()
        .catch((error: unknown) => error)
        .finally(() => (isOver = true))
      await muted
      vi.advanceTimersByTime(ms - 1_000)
      for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setImmediate(resolve))
      expect(isOver).toBe(false)
      vi.advanceTimersByTime(1_000)
      return await failed
    } finally {
      vi.useRealTimers()
    }
  }

  test('is given up by a commit before its lease is over, and the commit is known again', async () => {
    const { proxy, store } = await byProxy()
    await store.commit([beginning('r1')])
    const commit = () => store.commit([appending('r1', 1)])
    expect(await unanswered(proxy, 'SELECT 1', commit, 12_000)).toMatchObject({
      code: 'store_unreachable',
      message: expect.stringContaining('No answer came in 12 s') as string,
      retryable: true,
    })

    expect(await commit()).toEqual([{ kind: 'written' }])
    expect(await store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
  })

  test('is given up by a heartbeat soon enough for another one', async () => {
    const { proxy, store } = await byProxy()
    await store.commit([beginning('r1')])
    await store.heartbeat('ann', 1)
    const failed = await unanswered(proxy, 'UPDATE 1', () => store.heartbeat('ann', 2), 5_000)

    expect(failed).toMatchObject({ code: 'store_unreachable', retryable: true })
    await store.heartbeat('ann', 3)
  })
})

test('an answer that has come while the event loop was blocked is heard, however late that is', async () => {
  const store = opened(await serverUrl(), { schema: freshSchema() })
  await store.commit([beginning('r1')])
  await store.heartbeat('ann', 1)
  const later = setTimeout
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const beat = store.heartbeat('ann', 2)
    // It is sent, and nothing is read.
    for (let turns = 0; turns < 20; turns++) await new Promise<void>((resolve) => process.nextTick(resolve))
    later(() => vi.advanceTimersByTime(5_000), 0)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    expect(await beat).toEqual(expect.any(Number))
  } finally {
    vi.useRealTimers()
  }
})

/** How many connections wait for a lock. */
async function waiting(server: PostgresServer): Promise<number> {
  const rows = await asAdmin(`select 1 from pg_stat_activity where wait_event_type = 'Lock'`, server.url('template1'))
  return rows.length
}

test('a connection that breaks between two commits costs nothing but an attempt', async () => {
  const { proxy, store } = await byProxy()
  await store.commit([beginning('r1')])
  proxy.cut()

  expect(await again(store, [appending('r1', 1)])).toEqual([{ kind: 'written' }])
  expect(await store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
})

test(
  'a server that is begun anew in the middle has all that it said it wrote, each once',
  { tags: 'slow' },
  async () => {
    const server = await PostgresServer.start()
    ended.push(() => server.stop())
    const store = opened(server.url(), { schema: 'desk' })
    const ids = Array.from({ length: 8 }, (_, index) => `r${index}`)
    await store.commit(ids.map((id) => beginning(id)))
    let isUp = true
    const working = ids.map(async (id) => {
      for (let seq = 1; seq <= 20 || !isUp; seq++)
        expect(await again(store, [appending(id, seq)]), id).toEqual([{ kind: 'written' }])
      return store.entries(id)
    })
    // One commit is in the middle, and waits, when the server goes.
    await asAdmin(`begin; select 1 from desk.runs where id = 'r0' for update`, server.url())
    while ((await waiting(server)) === 0);
    isUp = false
    await server.restart()
    isUp = true

    for (const entries of await Promise.all(working))
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from(entries, (_, seq) => seq))
  },
)

test('a pool that is spent is a store that cannot be reached for now', async () => {
  const pool = new pg.Pool({ connectionString: await serverUrl(), max: 1, connectionTimeoutMillis: 300 })
  ended.push(() => pool.end())
  const store = opened(pool, { schema: freshSchema() })
  await again(store, [beginning('r1')])
  const taken = await pool.connect()
  const failed = await store.commit([appending('r1', 1)]).catch((error: unknown) => error)
  taken.release()

  expect(failed).toMatchObject({ code: 'store_unreachable', retryable: true })
  expect(await store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
})

test('a statement that takes too long is a store that is busy, and is not half done', { tags: 'slow' }, async () => {
  const pool = new pg.Pool({ connectionString: await serverUrl(), statement_timeout: 300 })
  ended.push(() => pool.end())
  const schema = freshSchema()
  const store = opened(pool, { schema })
  await again(store, [beginning('r1'), beginning('r2')])
  await asAdmin(`begin; select 1 from ${schema}.runs where id = 'r2' for update`)
  const failed = await store.commit([appending('r1', 1), appending('r2', 1)]).catch((error: unknown) => error)
  await asAdmin('rollback')

  expect(failed).toMatchObject({ code: 'store_busy', retryable: true })
  expect(await store.entries('r1')).toEqual([sampleEntry(0)])
  expect(await again(store, [appending('r1', 1), appending('r2', 1)])).toEqual([
    { kind: 'written' },
    { kind: 'written' },
  ])
})

test('a server that is not there, and one that lets nobody in, are said by what they are', async () => {
  const url = new URL(await serverUrl())
  const wrong = new URL(url)
  wrong.password = 'not it'
  await expect(opened(wrong.href).run('r1')).rejects.toMatchObject({ code: 'store_refused', retryable: false })
  const nowhere = new URL(url)
  nowhere.pathname = '/nowhere'
  await expect(opened(nowhere.href).run('r1')).rejects.toMatchObject({ code: 'store_no_database' })
  const gone = opened(url.href.replace(url.port, '1'))
  const failed = await gone.run('r1').catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 'store_unreachable', retryable: true })
  expect(String(failed)).not.toContain(decodeURIComponent(url.password))
})
