// Runs of keys that many take, claim and release at once; what is left early while the run begins.
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunRow, Store, TakeFilter, Taker } from '@reprise/core'
import { beginning, sampleMessage, sampleRow } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { Journal } from './rows.fixture.ts'
import { asAdmin, freshSchema, serverUrl } from './testing.fixture.ts'

const FILTER: TakeFilter = {
  now: 0,
  gone: [],
  definitions: [{ kind: 'agent', name: 'support' }],
  except: [],
  limit: 6,
}
const QUEUED = { owner: null, status: 'queued' } as const

let pool: pg.Pool
const stores: Store[] = []
beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await serverUrl(), pipeline: true, max: 20 })
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})
afterAll(() => pool.end())

function open(schema: string): Store {
  const store = postgres(pool, { schema })
  stores.push(store)
  return store
}

/** Lets go of a run, as somebody who was given it does. */
function leave(store: Store, row: RunRow, status: 'running' | 'completed'): Promise<unknown> {
  const { totals, waiting, waits } = sampleRow(row.id)
  const change = { status, waiting, waits, wakeAt: null, endedAt: status === 'completed' ? 1 : null, totals }
  return store.commit([{ runId: row.id, epoch: row.epoch, entries: [], row: change, release: true }])
}

/** Refuses, inside of the database, that more runs of a line are owned than may be. */
async function guard(schema: string): Promise<void> {
  await asAdmin(`
    create table ${schema}.seen (line text, owned bigint);
    create function ${schema}.look() returns trigger language plpgsql as $$ begin
      insert into ${schema}.seen select new.line, count(*) from ${schema}.runs
        where line = new.line and owner is not null and ended_at is null;
      return null; end $$;
    create constraint trigger look after update of owner on ${schema}.runs deferrable initially deferred
      for each row when (new.owner is not null and new.line is not null) execute function ${schema}.look()`)
}

describe('runs of keys', () => {
  test(
    'that four take, claim and release at once are never more than the limit, and all of them are given',
    { tags: 'slow' },
    async () => {
      const schema = freshSchema()
      const first = open(schema)
      const runs = Array.from({ length: 400 }, (_, at) =>
        beginning(`r${at}`, { ...QUEUED, priority: at % 3, concurrency: { key: `key ${at % 10}`, limit: 2 } }),
      )
      await first.commit(runs)
      await guard(schema)
      const ended = new Set<string>()
      const work = async (taker: Taker, store: Store, claims: boolean): Promise<void> => {
        for (let turn = 0; ended.size < 400; turn++) {
          const rows = [...(await store.take(taker, FILTER))]
          const some = claims ? await store.runs({ status: 'queued', limit: 3, order: 'newest' }) : []
          for (const row of some)
            rows.push(...[(await store.claim({ ...row, ownerHeartbeat: null }, taker)) ?? []].flat())
          // Every fifth is given back first, and comes again.
          const left = rows.map(async (row, at) => {
            const isBack = row.epoch < 3 && (at + turn) % 5 === 0
            await leave(store, row, isBack ? 'running' : 'completed')
            if (!isBack) ended.add(row.id)
          })
          await Promise.all(left)
        }
      }
      const takers = ['ann', 'bob', 'cid', 'dee'].map((owner, at) =>
        work({ owner, heartbeat: 1 }, at === 0 ? first : open(schema), at === 3),
      )
      await Promise.all(takers)

      const seen = await asAdmin<{ most: string; looks: string }>(
        `select max(owned) as most, count(*) as looks from ${schema}.seen`,
      )
      expect(seen).toEqual([{ most: '2', looks: expect.any(String) as string }])
      expect(Number(seen[0]?.looks)).toBeGreaterThanOrEqual(400)
      expect(ended.size).toBe(400)
      await first.take({ owner: 'ann', heartbeat: 1 }, FILTER)
      expect(
        await asAdmin(`select line from ${schema}.lines union all select line from ${schema}.line_changes`),
      ).toEqual([])
    },
  )

  test(
    'of which somebody has the line just then are left, and those of other keys are not waited with',
    { tags: 'slow' },
    async () => {
      await using journal = await Journal.open()
      const { store, tables, client } = journal
      const keyed = (id: string, key: string) => beginning(id, { ...QUEUED, concurrency: { key, limit: 1 } })
      await store.commit([keyed('a', 'one'), keyed('b', 'other')])
      await store.take({ owner: 'eve', heartbeat: 1 }, { ...FILTER, definitions: [{ kind: 'agent', name: 'none' }] })
      await client.query('begin')
      const locked = await client.query(
        `select 1 from ${tables.lines} where line = (select line from ${tables.runs} where id = 'a') for update`,
      )
      const taken = await store.take({ owner: 'bob', heartbeat: 1 }, FILTER)
      await client.query('commit')

      expect(locked.rowCount).toBe(1)
      expect(taken.map(({ id }) => id)).toEqual(['b'])
      await leave(store, taken[0] ?? sampleRow('b'), 'completed')
      expect((await store.take({ owner: 'bob', heartbeat: 1 }, FILTER)).map(({ id }) => id)).toEqual(['a'])
    },
  )

  test('are told apart by keys however long, and of whatever signs', async () => {
    const store = open(freshSchema())
    const long = Array.from({ length: 2000 }, (_, at) => ((at * 7919) % 10007).toString(36)).join('')
    const keys = [long, `${long}"`, '["one",null]', 'one', 'one']
    await store.commit(keys.map((key, at) => beginning(`r${at}`, { ...QUEUED, concurrency: { key, limit: 1 } })))

    const taken = await store.take({ owner: 'bob', heartbeat: 1 }, FILTER)
    expect(taken.map(({ id }) => id)).toEqual(['r0', 'r1', 'r2', 'r3'])
  })

  test('that are held by a transaction when their line is put right come once that is through', async () => {
    await using journal = await Journal.open()
    const { store, tables, client } = journal
    await store.commit([beginning('a', { ...QUEUED, concurrency: { key: 'ann', limit: 1 } })])
    await client.query('begin')
    await client.query(`select 1 from ${tables.runs} where id = 'a' for no key update`)
    const during = await store.take({ owner: 'bob', heartbeat: 1 }, FILTER)
    await client.query('commit')

    expect(during).toEqual([])
    expect(await store.take({ owner: 'bob', heartbeat: 1 }, FILTER)).toMatchObject([{ id: 'a' }])
  })
})

describe('a message that is left early', () => {
  test('while its run begins is in the inbox then, or the run is said to have begun', async () => {
    const schema = freshSchema()
    const [one, other] = [open(schema), open(schema)]
    await one.run('nobody')
    const ids = Array.from({ length: 40 }, (_, at) => `r${at}`)
    for (const id of ids) {
      const said = await Promise.all([
        other.sendEarly(sampleMessage(id, 'a'), 3),
        one.commit([beginning(id)]),
        other.sendEarly(sampleMessage(id, 'a'), 3),
      ])
      const left = said.filter((what) => what === 'left')
      expect(left.length, id).toBeLessThan(2)
      expect(await one.inbox(id), id).toHaveLength(left.length)
    }
    expect(await asAdmin(`select run_id from ${schema}.early`)).toEqual([])
  })

  test('is left once by many that leave the same at once, and no more than may wait', async () => {
    const schema = freshSchema()
    const each = [open(schema), open(schema)]
    const same = await Promise.all(
      each.flatMap((store) => [1, 2].map(() => store.sendEarly(sampleMessage('r1', 'a'), 9))),
    )
    const many = await Promise.all(
      each.flatMap((store, at) => [1, 2, 3].map((mark) => store.sendEarly(sampleMessage('r2', `${at} ${mark}`), 4))),
    )

    expect(same.toSorted()).toEqual(['known', 'known', 'known', 'left'])
    expect(many.toSorted()).toEqual(['full', 'full', 'left', 'left', 'left', 'left'])
  })

  test('stands encrypted, and its key goes once it is forgotten', async () => {
    const schema = freshSchema()
    const store = postgres(pool, { schema, encryption: { key: Buffer.alloc(32, 7) } })
    stores.push(store)
    const message = { ...sampleMessage('r1', 'a'), body: { reason: 'quite a secret' } }
    expect(await store.sendEarly(message, 3)).toBe('left')
    const [row] = await asAdmin<{ body: string | null; sealed: Buffer }>(`select body, sealed from ${schema}.early`)
    expect(row?.body).toBeNull()
    expect(row?.sealed.includes('secret')).toBe(false)
    expect(await asAdmin(`select lineage from ${schema}.keys`)).toEqual([{ lineage: 'r1' }])

    await store.gc(message.at + 1, ['completed'], 10)
    expect(await asAdmin(`select lineage from ${schema}.keys`)).toEqual([])
  })

  test('waits for a run that begins within a transaction of the program’s', async () => {
    const schema = freshSchema()
    const store = open(schema)
    await store.sendEarly(sampleMessage('r1', 'a'), 3)
    const client = new pg.Client(await serverUrl())
    await client.connect()
    await client.query('begin')
    const { create, entries } = beginning('r1')
    if (!create) throw new Error('It begins a run.')
    expect(await store.within?.(client).begin({ row: create, entries })).toBe(true)
    const during = store.sendEarly(sampleMessage('r1', 'b'), 3)
    expect(await store.inbox('r1')).toEqual([])
    await client.query('commit')
    await client.end()

    expect(await during).toBe('begun')
    expect(await store.inbox('r1')).toMatchObject([{ dedupe: 'a' }])
  })
})

test('an erasure takes the name of a key with it', async () => {
  const schema = freshSchema()
  const store = open(schema)
  await store.commit([beginning('r1', { ...QUEUED, concurrency: { key: 'ann@example.org', limit: 1 } })])
  const [row] = await store.take({ owner: 'bob', heartbeat: 1 }, FILTER)
  await leave(store, row ?? sampleRow('r1'), 'completed')
  const named = `select line from ${schema}.lines union all select line from ${schema}.line_changes
    union all select line from ${schema}.runs where line is not null`
  expect(await asAdmin(named)).not.toEqual([])

  await store.erase('r1', 'dee', 5)
  expect(await asAdmin(named)).toEqual([])
})
