import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import pg from 'pg'
import type { TakeFilter } from '@reprise/core'
import { levelStatement } from './lines.ts'
import { selectOverdue } from './overdue.ts'
import { postgres } from './postgres.ts'
import { Journal } from './rows.fixture.ts'
import { selectAndGive } from './take.ts'

const ANN = { concurrency_key: "'ann'", concurrency_limit: '2', line: "'ann'" }
const BOB = { owner: 'bob', heartbeat: 0 }
const MINE: TakeFilter = {
  now: 999,
  gone: [],
  definitions: [
    { kind: 'agent', name: 'support' },
    { kind: 'workflow', name: 'nightly' },
  ],
  except: ['queued 1'],
  limit: 3,
}

describe('take, among thousands of runs that have ended, wait, are driven or are another fleet’s,', () => {
  let journal: Journal
  beforeAll(async () => {
    journal = await Journal.open()
    await journal.insert(5000, 'ended', { status: "'completed'", ended_at: '1', wake_at: '1', priority: '9' })
    await journal.insert(2000, 'waiting', { status: "'waiting'", wake_at: '1000', priority: '9' })
    await journal.insert(3000, 'foreign', { name: "'other'", priority: '9' })
    await journal.insert(3000, 'foreign, due', { name: "'other'", status: "'waiting'", wake_at: '1', priority: '9' })
    await journal.insert(1000, 'owned', { status: "'running'", owner: "'ann'", priority: '9' })
    await journal.insert(4000, 'queued')
    await journal.insert(3000, 'later', { wake_at: '1000', priority: '9', expire_at: '2000', deadline_at: '3000' })
    await journal.insert(3000, 'in line', { ...ANN, parked: 'true', priority: '9' })
    await journal.insert(2, 'has a slot', { ...ANN, parked: 'true', owner: "'ann'", status: "'running'" })
    await journal.insert(2000, 'in line, waits', { ...ANN, status: "'waiting'", wake_at: '1000' })
    await journal.leave('waiting 7')
  })
  afterAll(() => journal[Symbol.asyncDispose]())

  test.each(['never seen them', 'counted them'])(
    'looks at few, where Postgres has %s',
    { tags: 'slow' },
    async (when) => {
      if (when === 'counted them') await journal.client.query('analyze')
      for (const filter of [
        MINE,
        { ...MINE, only: 'sound' },
        { ...MINE, gone: [{ owner: 'dee', heartbeat: 0 }] },
        { ...MINE, order: 'newest' },
        { ...MINE, order: 'oldest' },
      ] as const) {
        const { text, values } = selectAndGive(journal.tables, BOB, filter, null, { width: 11, isGuarded: true })
        expect(await journal.rowsRead(text, values), JSON.stringify(filter)).toBeLessThan(60)
        expect(await journal.rowsReadAgain(text, values), `${JSON.stringify(filter)} by a kept plan`).toBeLessThan(60)
      }
    },
  )

  test.each(['never seen them', 'counted them'])(
    'puts a line right by its first, and finds what is late, where Postgres has %s',
    { tags: 'slow' },
    async (when) => {
      if (when === 'counted them') await journal.client.query('analyze')
      const late = selectOverdue(journal.tables, { now: 999, gone: [], except: [], limit: 3 })

      expect(await journal.rowsRead(levelStatement(journal.tables), [['ann', 'nobody']])).toBeLessThan(20)
      expect(await journal.rowsRead(late.text, late.values)).toBeLessThan(20)
    },
  )

  test('gives the few that may be taken up, the most urgent first', async () => {
    const taken = await journal.store.take(BOB, MINE)

    expect(taken.map(({ id }) => id)).toEqual(['waiting 7', 'queued 0', 'queued 2'])
  })
})

describe('take, of one tenant’s runs among thousands of another’s,', () => {
  let journal: Journal
  beforeAll(async () => {
    journal = await Journal.open()
    const due = { status: "'waiting'", wake_at: '1' }
    await journal.insert(3000, 'foreign', { tenant: "'other'", priority: '9' })
    await journal.insert(3000, 'foreign, due', { ...due, tenant: "'other'", priority: '9' })
    await journal.insert(2, 'queued', { tenant: "'acme'" })
    await journal.insert(1, 'due', { ...due, tenant: "'acme'" })
  })
  afterAll(() => journal[Symbol.asyncDispose]())

  test.each(['never seen them', 'counted them'])(
    'looks at those alone, where Postgres has %s',
    { tags: 'slow' },
    async (when) => {
      if (when === 'counted them') await journal.client.query('analyze')
      for (const tenant of ['acme', 'nobody'])
        for (const order of ['urgent', 'newest'] as const) {
          const { text, values } = selectAndGive(journal.tables, BOB, { ...MINE, tenant, order }, null, {
            width: 11,
            isGuarded: true,
          })
          expect(await journal.rowsRead(text, values), `${tenant} ${order}`).toBeLessThan(20)
          expect(await journal.rowsReadAgain(text, values), `${tenant} ${order} by a kept plan`).toBeLessThan(20)
        }
    },
  )

  test('gives them', async () => {
    const taken = await journal.store.take(BOB, { ...MINE, tenant: 'acme', limit: 5, except: [] })

    expect(taken.map(({ id }) => id)).toEqual(['queued 0', 'queued 1', 'due 0'])
  })
})

describe('a worker that takes again and again', () => {
  const filter: TakeFilter = { ...MINE, except: [], limit: 1 }

  test('has the server keep its statement', async () => {
    await using journal = await Journal.open()
    await using pool = await onlyOne(journal)
    await journal.insert(2, 'queued')
    for (const id of ['queued 0', 'queued 1']) expect(await pool.store.take(BOB, filter)).toMatchObject([{ id }])
    expect(await pool.kept()).toBe(1)
  })

  test('goes on where what the server kept is gone, as behind a pooler, and keeps nothing from then on', async () => {
    await using journal = await Journal.open()
    await using pool = await onlyOne(journal)
    await journal.insert(3, 'queued')
    expect(await pool.store.take(BOB, filter)).toMatchObject([{ id: 'queued 0' }])
    await pool.forget()
    for (const id of ['queued 1', 'queued 2']) expect(await pool.store.take(BOB, filter)).toMatchObject([{ id }])
    expect(await pool.kept()).toBe(0)
  })

  /** A store by one connection, and what the server keeps on that. */
  async function onlyOne({ url, schema }: Journal) {
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    const store = postgres(pool, { schema })
    await store.run('nobody')
    return {
      store,
      forget: () => pool.query('deallocate all'),
      kept: async () => (await pool.query(`select 1 from pg_prepared_statements where not from_sql`)).rowCount,
      async [Symbol.asyncDispose]() {
        await store.close()
        await pool.end()
      },
    }
  }
})

describe('workers that take at the same time', () => {
  test('never get the same run, and between them get all', { tags: 'slow' }, async () => {
    await using journal = await Journal.open()
    await journal.insert(2000, 'queued')
    const others = await Promise.all([1, 2, 3].map(() => Journal.open(journal.schema)))
    const filter: TakeFilter = { ...MINE, except: [], limit: 50 }
    const taken = await Promise.all(
      [journal, ...others].map(async ({ store }, index) => {
        const ids: string[] = []
        for (;;) {
          const rows = await store.take({ owner: `worker ${index}`, heartbeat: 0 }, filter)
          if (rows.length === 0) return ids
          ids.push(...rows.map(({ id }) => id))
        }
      }),
    )
    for (const other of others) await other[Symbol.asyncDispose]()

    expect(taken.flat()).toHaveLength(2000)
    expect(new Set(taken.flat()).size).toBe(2000)
  })

  test('wait for nobody: what a transaction holds is passed over, and what is behind it is given', async () => {
    await using journal = await Journal.open()
    await journal.insert(100, 'queued')
    await journal.client.query('begin')
    await journal.client.query(`select 1 from ${journal.tables.runs} where id <> 'queued 90' for no key update`)
    const taken = await journal.store.take(BOB, { ...MINE, except: [] })
    await journal.client.query('rollback')

    expect(taken.map(({ id }) => id)).toEqual(['queued 90'])
  })

  test('leave to an owner what it has, that beats just when it counts as gone', async () => {
    await using journal = await Journal.open()
    await journal.insert(1, 'owned', { owner: "'ann'" })
    await journal.store.heartbeat('ann', 7)
    await journal.client.query('begin')
    await journal.client.query(`update ${journal.tables.owners} set beat = 8 where owner = 'ann'`)
    const gone = [{ owner: 'ann', heartbeat: 7 }]
    const [during, claiming] = [
      await journal.store.take(BOB, { ...MINE, gone }),
      journal.store.claim({ id: 'owned 0', epoch: 1, ownerHeartbeat: 7 }, BOB),
    ]
    await journal.client.query('commit')

    expect(during).toEqual([])
    expect(await claiming).toBeUndefined()
    expect(await journal.store.take(BOB, { ...MINE, gone })).toEqual([])
    expect(await journal.store.claim({ id: 'owned 0', epoch: 1, ownerHeartbeat: 8 }, BOB)).toMatchObject({
      owner: 'bob',
    })
  })
})

test(
  'of an owner that beats while others claim its runs, each run is lost to one, and the number that it is told changes',
  { tags: 'slow' },
  async () => {
    await using journal = await Journal.open()
    await journal.insert(50, 'owned', { owner: "'ann'" })
    let said = await journal.store.heartbeat('ann', 1)
    let [told, lost] = [0, 0]
    const beats = (async () => {
      for (let beat = 2; beat <= 40; beat++) {
        const now = await journal.store.heartbeat('ann', beat)
        told += now - said
        said = now
      }
    })()
    const claims = Array.from({ length: 50 }, async (_, index) => {
      const id = `owned ${index}`
      for (let tries = 0; tries < 5; tries++) {
        const [seen] = await journal.store.owners()
        if (seen?.owner !== 'ann') return
        const claimed = await journal.store.claim({ id, epoch: 1, ownerHeartbeat: seen.heartbeat }, BOB)
        if (claimed) return void lost++
      }
    })
    await Promise.all([beats, ...claims])
    told += (await journal.store.heartbeat('ann', 99)) - said

    expect(told).toBe(lost)
    expect(await journal.store.owned('ann')).toHaveLength(50 - lost)
    expect(await journal.store.owned('bob')).toHaveLength(lost)
  },
)
