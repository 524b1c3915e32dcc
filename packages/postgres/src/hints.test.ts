// What one process tells others of, on a real server. The clocks of the workers stand: whatever is begun was begun by a hint.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { createRuntime, defineAgent, defineTool } from '@reprise/core'
import type { Hint, RunRow, Store } from '@reprise/core'
import { manualClock, scriptedModel } from '@reprise/testing'
import { appending, beginning, sampleRow } from '@reprise/testing/store-suite'
import { z } from 'zod'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { Proxy } from './proxy.fixture.ts'
import { PostgresServer } from './server.fixture.ts'
import { asAdmin, freshSchema, inTransaction, serverUrl } from './testing.fixture.ts'

const ended: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ended.splice(0).toReversed()) await end()
  held.clear()
})

function opened(...given: Parameters<typeof postgres>): PostgresStore {
  const store = postgres(...given)
  ended.push(() => store.close())
  return store
}

/** Hears what a store tells. Resolves once it listens, which it tells by a hint that there may be work. */
async function heardBy(store: Store, owner = 'nobody'): Promise<Hint[]> {
  const heard: Hint[] = []
  const end = store.listen?.(owner, (hint) => heard.push(hint))
  if (end) ended.push(end)
  await expect.poll(() => heard).toEqual([{ kind: 'work' }])
  heard.length = 0
  return heard
}

/** The runs whose tool is at work. */
const held = new Set<string>()

const hold = defineTool({
  name: 'hold',
  description: 'Holds the run until it is cancelled.',
  input: z.object({}),
  effect: 'read',
  execute: (_input, { runId, signal }) => {
    held.add(runId)
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  },
})
const holder = defineAgent({ name: 'holder', model: 'm', instructions: '', tools: [hold] })

/** A process with a worker whose clock stands, and one without, which leaves it its work. */
function two(own: Store, others: Store) {
  const models = scriptedModel(() => ({ calls: [{ name: 'hold' }] }))
  const set = { models, definitions: [holder], clock: manualClock() }
  const here = createRuntime({ ...set, store: own })
  const there = createRuntime({ ...set, store: others, clock: manualClock() })
  ended.push(
    () => here.close(),
    () => there.close(),
  )
  here.work()
  return there
}

const statusOf = async (store: Store, runId: string) => (await store.run(runId))?.status

describe('a worker whose clock stands', () => {
  test('begins what another process leaves, and hears that it is cancelled', async () => {
    const [url, schema] = [await serverUrl(), freshSchema()]
    const [own, others] = [opened(url, { schema }), opened(url, { schema })]
    const there = two(own, others)
    for (const id of ['r1', 'r2', 'r3']) {
      await there.enqueue(holder, 'go', { id })
      await expect.poll(() => held.has(id)).toBe(true)
      await there.cancel(id, 'no more')
      await expect.poll(() => statusOf(others, id)).toBe('cancelled')
    }
  })

  test('begins the next run of a key once the one before has ended', async () => {
    const [url, schema] = [await serverUrl(), freshSchema()]
    const [own, others] = [opened(url, { schema }), opened(url, { schema })]
    const there = two(own, others)
    for (const id of ['r1', 'r2', 'r3']) await there.enqueue(holder, 'go', { id, concurrencyKey: 'ann' })
    for (const id of ['r1', 'r2', 'r3']) {
      await expect.poll(() => held.has(id)).toBe(true)
      await there.cancel(id, 'no more')
      await expect.poll(() => statusOf(others, id)).toBe('cancelled')
    }
  })

  test(
    'begins what its own process leaves, where the store was given a pool and hears nobody else',
    { tags: 'slow' },
    async () => {
      const pool = new pg.Pool({ connectionString: await serverUrl(), pipeline: true })
      ended.push(() => pool.end())
      const store = opened(pool, { schema: freshSchema() })
      const there = two(store, store)
      await there.enqueue(holder, 'go', { id: 'r1' })
      await expect.poll(() => held.has('r1')).toBe(true)
      await there.cancel('r1', 'no more')
      await expect.poll(() => statusOf(store, 'r1')).toBe('cancelled')
    },
  )

  test('begins what a transaction of the program leaves, once that is committed', { tags: 'slow' }, async () => {
    const [url, schema] = [await serverUrl(), freshSchema()]
    const [own, others] = [opened(url, { schema }), opened(url, { schema })]
    const there = two(own, others)
    await inTransaction(async (tx) => {
      await there.enqueue(holder, 'go', { id: 'r1', tx })
    })
    await expect.poll(() => held.has('r1')).toBe(true)
    await inTransaction(async (tx) => {
      await there.cancel('r1', 'no more', { tx })
    })
    await expect.poll(() => statusOf(others, 'r1')).toBe('cancelled')
  })
})

describe('a store tells', () => {
  const row = (id: string, given: Partial<ReturnType<typeof sampleRow>> = {}) => ({
    ...beginning(id),
    create: sampleRow(id, given),
  })

  async function pair() {
    const [url, schema] = [await serverUrl(), freshSchema()]
    const [one, other] = [opened(url, { schema }), opened(url, { schema })]
    return { one, other, heard: await heardBy(other, 'ann') }
  }

  test('an owner of the mail of its runs, and everybody of the mail of a run that nobody has', async () => {
    const { one, other, heard } = await pair()
    await other.commit([
      row('r1', { owner: 'ann' }),
      row('r2', { owner: 'bob' }),
      row('r3', { owner: null, status: 'waiting' }),
    ])
    const message = { dedupe: 'm', kind: 'signal', body: null, at: 1 } as const
    await one.send({ ...message, runId: 'r2' })
    await one.send({ ...message, runId: 'r1' })
    await expect.poll(() => heard).toEqual([{ kind: 'mail', runId: 'r1' }])
    await one.send({ ...message, runId: 'r1' })
    await one.send({ ...message, runId: 'r3' })
    await expect.poll(() => heard.slice(1)).toEqual([{ kind: 'work' }])
  })

  test('of nothing that was refused, waits, or is somebody’s', async () => {
    const { one, other, heard } = await pair()
    const queued = { owner: null, status: 'queued' } as const
    await one.commit([row('r1', { owner: 'bob' }), row('r2', { ...queued, wakeAt: 9 })])
    await one.commit([row('r1', queued)])
    await one.commit([{ ...appending('r1', 1), epoch: 7, release: true }])
    await one.commit([row('r4', queued)])
    // Hints come in their order: with the last one, all are there.
    await other.commit([row('r5', { owner: 'ann' })])
    await one.send({ runId: 'r5', dedupe: 'm', kind: 'signal', body: null, at: 1 })
    await expect.poll(() => heard).toEqual([{ kind: 'work' }, { kind: 'mail', runId: 'r5' }])
  })
})

describe('a place of a key that becomes free', () => {
  const keyed = (id: string, key: string, given: Partial<ReturnType<typeof sampleRow>> = {}) => ({
    ...beginning(id),
    create: sampleRow(id, { owner: null, status: 'queued', concurrency: { key, limit: 1 }, ...given }),
  })

  /** A store whose runs are all taken that may be, and what another hears from then on. */
  async function taken(...runs: readonly ReturnType<typeof keyed>[]) {
    const [url, schema] = [await serverUrl(), freshSchema()]
    const [one, other] = [opened(url, { schema }), opened(url, { schema })]
    await one.commit(runs)
    const filter = {
      now: 0,
      gone: [],
      definitions: [{ kind: 'agent', name: 'support' }],
      except: [],
      limit: 9,
    } as const
    const rows = await one.take({ owner: 'ann', heartbeat: 1 }, filter)
    const heard = await heardBy(other, 'bob')
    // What is told of a commit is told after it: with this one, all that was to be told of the runs is heard.
    await other.commit([beginning('z', { owner: 'bob' })])
    await one.send({ runId: 'z', dedupe: 'm', kind: 'signal', body: null, at: 1 })
    await expect.poll(() => heard.at(-1)).toEqual({ kind: 'mail', runId: 'z' })
    heard.length = 0
    /** Ends a run, or lets go of it, as somebody who was given it does. */
    const leave = (id: string, given: Pick<RunRow, 'status' | 'endedAt'>) => {
      const { totals, waiting, waits } = sampleRow(id)
      const { epoch = 0 } = rows.find((row) => row.id === id) ?? {}
      const row = { totals, waiting, waits, wakeAt: null, ...given }
      return one.commit([{ runId: id, epoch, entries: [], row, release: true }])
    }
    return { one, other, heard, ids: rows.map(({ id }) => id), leave }
  }

  const completed = { status: 'completed', endedAt: 1 } as const
  const resting = { status: 'waiting', endedAt: null } as const

  test('is told where a run of it waits, whether the one before has ended or waits for somebody', async () => {
    const runs = [keyed('a1', 'a'), keyed('a2', 'a'), keyed('b1', 'b'), keyed('b2', 'b')]
    const { heard, ids, leave } = await taken(...runs)
    expect(ids).toEqual(['a1', 'b1'])
    await leave('a1', completed)
    await expect.poll(() => heard).toEqual([{ kind: 'work' }])
    await leave('b1', resting)
    await expect.poll(() => heard).toEqual([{ kind: 'work' }, { kind: 'work' }])
  })

  test('is told where a run of it rests that has mail', async () => {
    const { one, heard, leave } = await taken(keyed('a1', 'a'), keyed('a2', 'a', { status: 'waiting' }))
    await one.send({ runId: 'a2', dedupe: 'm', kind: 'signal', body: null, at: 1 })
    await expect.poll(() => heard).toEqual([{ kind: 'work' }])
    await leave('a1', completed)
    await expect.poll(() => heard).toEqual([{ kind: 'work' }, { kind: 'work' }])
  })

  test('is told of to nobody where no run of it has anything to go on with', async () => {
    const runs = [keyed('a1', 'a'), keyed('a2', 'a', { status: 'waiting' }), keyed('b1', 'b')]
    const { one, other, heard, ids, leave } = await taken(...runs, keyed('c1', 'c', { concurrency: null }))
    expect(ids).toEqual(['a1', 'b1', 'c1'])
    for (const id of ids) await leave(id, completed)
    // Hints come in their order: with the last one, all are there.
    await other.commit([beginning('d1', { owner: 'bob' })])
    await one.send({ runId: 'd1', dedupe: 'm', kind: 'signal', body: null, at: 1 })
    await expect.poll(() => heard).toEqual([{ kind: 'mail', runId: 'd1' }])
  })
})

describe('a store that listens', () => {
  test('begins anew where its connection is cut, and where the server is begun anew', { tags: 'slow' }, async () => {
    const server = await PostgresServer.start()
    ended.push(() => server.stop())
    const proxy = await Proxy.to(server.url())
    ended.push(() => proxy.close())
    const store = opened(server.url(), { listenUrl: proxy.url })
    const other = opened(server.url())
    await store.run('r1')
    const heard = await heardBy(store)
    const tellsAgain = async (id: string) => {
      await expect.poll(() => heard).toEqual([{ kind: 'work' }])
      await other.commit([{ ...beginning(id), create: sampleRow(id, { owner: null, status: 'queued' }) }])
      await expect.poll(() => heard).toEqual([{ kind: 'work' }, { kind: 'work' }])
      heard.length = 0
    }
    proxy.cut()
    await tellsAgain('r1')
    await server.restart()
    await expect.poll(() => other.run('r1').catch(() => undefined)).toBeDefined()
    await tellsAgain('r2')
  })

  test('keeps no process alive', { tags: 'slow' }, async () => {
    const program = `import { postgres } from '${new URL('postgres.ts', import.meta.url).href}'
      const until = setInterval(() => undefined, 100_000)
      postgres(process.argv[1], { schema: 'unused' }).listen('ann', ({ kind }) => (console.log(kind), clearInterval(until)))`
    const given = ['--input-type=module', '-e', program, await serverUrl()]
    expect((await promisify(execFile)(process.execPath, given)).stdout).toBe('work\n')
  })

  test('lets go of its connection with the last that listens', async () => {
    const schema = freshSchema()
    const store = opened(await serverUrl(), { schema })
    const count = async () =>
      (
        await asAdmin<{ n: number }>(
          `select count(*)::int as n from pg_stat_activity where query = 'listen "reprise:${schema}"'`,
        )
      )[0]?.n
    const ends = ['ann', 'bob'].map((owner) => store.listen(owner, () => undefined))
    await expect.poll(count).toBe(1)
    await ends[0]?.()
    expect(await count()).toBe(1)
    await ends[1]?.()
    await expect.poll(count).toBe(0)
  })
})
