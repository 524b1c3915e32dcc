// What a transactional tool writes and its entry, in one transaction: what the contract of all stores does not say.
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { TX } from '@reprise/core'
import type { RunWrite } from '@reprise/core'
import { appending, beginning, sampleEntry } from '@reprise/testing/store-suite'
import type { PostgresTransaction } from './handle.ts'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { Proxy } from './proxy.fixture.ts'
import { asAdmin, emptySchema, freshSchema, serverUrl } from './testing.fixture.ts'

const schema = freshSchema()
const desk = `${schema}_desk`
let pool: pg.Pool
let store: PostgresStore

beforeAll(async () => {
  pool = new pg.Pool({ connectionString: await serverUrl(), pipeline: true })
  await asAdmin(`create schema ${desk}; create table ${desk}.orders (id text primary key, of text);
    alter table ${desk}.orders add foreign key (of) references ${desk}.orders deferrable initially deferred`)
})
afterAll(() => pool.end())
beforeEach(async () => {
  store = postgres(pool, { schema })
  await store.run('nobody')
  await emptySchema(schema)
  await asAdmin(`delete from ${desk}.orders`)
  await store.commit([beginning('r1'), beginning('r2')])
})
afterEach(() => store.close())

/** Runs an effect for `r1` as the runtime does, with a tool's ctx. */
function transact(effect: (tx: PostgresTransaction, ctx: object) => unknown, write = appending('r1', 1)) {
  return store.transact('r1', 1, async (handle): Promise<RunWrite> => {
    const ctx = { [TX]: handle }
    await effect(store.tx(ctx), ctx)
    return write
  })
}

const orders = async (): Promise<string[]> =>
  (await asAdmin<{ id: string }>(`select id from ${desk}.orders order by id`)).map(({ id }) => id)
const put = `insert into ${desk}.orders (id) values ($1)`

test('what a tool writes stands with its entry, and neither does without the other', async () => {
  expect(await transact((tx) => tx.query(put, ['a']))).toEqual({ kind: 'written' })
  expect(await orders()).toEqual(['a'])
  expect(await store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])

  expect(await transact((tx) => tx.query(put, ['b']), appending('r1', 9))).toEqual({ kind: 'stale' })
  const thrown = new Error('changed its mind')
  const failing = transact(async (tx) => {
    await tx.query(put, ['c'])
    throw thrown
  })
  await expect(failing).rejects.toBe(thrown)
  expect(await orders()).toEqual(['a'])
  expect(await store.commit([appending('r1', 2)])).toEqual([{ kind: 'written' }])
})

test('a tool reads what it has written, by the types of the driver', async () => {
  const found: unknown[] = []
  await transact(async (tx) => {
    found.push(await tx.query(put, ['a']))
    found.push(await tx.query(`select id, 5::bigint as many from ${desk}.orders`))
  })

  expect(found).toEqual([
    { rows: [], rowCount: 1 },
    { rows: [{ id: 'a', many: '5' }], rowCount: 1 },
  ])
})

test.each([
  'commit',
  ' /* now */ ROLLBACK',
  '-- so\nbegin',
  '-- so\rcommit',
  '; ;commit',
  '/* as /* it */ is */ commit',
  'end',
  'set local role nobody',
  'prepare transaction $$x$$',
  'listen x',
  'discard all',
])('a tool may not ask %j', async (text) => {
  await expect(transact((tx) => tx.query(text))).rejects.toMatchObject({ code: 'tx_control' })
  expect(await store.entries('r1')).toEqual([sampleEntry(0)])
})

test('a tool may not hide one statement behind another', async () => {
  await expect(transact((tx) => tx.query('select 1; commit'))).rejects.toMatchObject({ code: '42601' })
})

test('a statement that fails undoes all, also where the tool goes on', async () => {
  const going = transact(async (tx) => {
    await tx.query(put, ['a'])
    await tx.query(put, ['a']).catch(() => undefined)
  })
  await expect(going).rejects.toMatchObject({ code: 'tx_lost' })
  const throwing = transact(async (tx) => {
    await tx.query(put, ['a'])
    await tx.query(put, ['a'])
  })
  await expect(throwing).rejects.toMatchObject({ code: '23505', table: 'orders' })
  expect(await orders()).toEqual([])
  expect(await store.entries('r1')).toEqual([sampleEntry(0)])
})

test('a statement that fails is known to have undone all before the server has said so', async () => {
  const proxy = await Proxy.to(await serverUrl())
  const away = postgres(proxy.url, { schema })
  await away.run('r1')
  proxy.part()
  const going = away.transact('r1', 1, async (handle) => {
    const tx = away.tx({ [TX]: handle })
    await tx.query(put, ['a'])
    await tx.query(put, ['a']).catch(() => undefined)
    return appending('r1', 1)
  })
  await expect(going).rejects.toMatchObject({ code: 'tx_lost' })
  await away.close()
  await proxy.close()
})

test('a tool that goes back to a savepoint goes on', async () => {
  const result = await transact(async (tx) => {
    await tx.query(put, ['a'])
    await tx.query('savepoint one')
    await tx.query(put, ['a']).catch(() => undefined)
    await tx.query('rollback to savepoint one')
    await tx.query(put, ['b'])
  })
  expect(result).toEqual({ kind: 'written' })
  expect(await orders()).toEqual(['a', 'b'])
})

test('rows that a deferred constraint refuses are undone with the entry', async () => {
  const leaving = transact((tx) => tx.query(`insert into ${desk}.orders values ('a', 'none')`))
  await expect(leaving).rejects.toMatchObject({ code: 'tx_lost' })
  expect(await store.entries('r1')).toEqual([sampleEntry(0)])
  expect(await store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
})

test('a handle is of no use once its tool has ended, and a tool has one only inside', async () => {
  const kept: PostgresTransaction[] = []
  const contexts: object[] = []
  await transact((tx, ctx) => {
    kept.push(tx)
    contexts.push(ctx)
  })
  await expect(kept[0]?.query(put, ['late'])).rejects.toMatchObject({ code: 'tx_over' })
  expect(() => store.tx({})).toThrow('where no transaction')
  expect(await orders()).toEqual([])
})

test('what a tool does not wait for is part of its transaction', async () => {
  expect(await transact((tx) => void tx.query(put, ['a']))).toEqual({ kind: 'written' })
  expect(await orders()).toEqual(['a'])
})

test('writes of its run wait while a tool is at work, and those of others do not', async () => {
  const order: string[] = []
  const gate = Promise.withResolvers<undefined>()
  const working = transact(async () => {
    const own = store.commit([appending('r1', 2)]).then(() => order.push('own'))
    await store.commit([appending('r2', 1)]).then(() => order.push('other'))
    order.push('effect')
    gate.resolve(undefined)
    return void own
  })
  await gate.promise
  expect(await working).toEqual({ kind: 'written' })
  await store.commit([appending('r1', 3)])

  expect(order).toEqual(['other', 'effect', 'own'])
  expect(await store.entries('r1')).toHaveLength(4)
})

test('tools that are at work leave connections of a given pool to heartbeats and to commits', async () => {
  const small = new pg.Pool({ connectionString: await serverUrl(), max: 4, connectionTimeoutMillis: 10_000 })
  const own = postgres(small, { schema })
  const ids = Array.from({ length: 8 }, (_, index) => `t${index}`)
  await own.commit(ids.map((id) => beginning(id)))
  const gate = Promise.withResolvers<undefined>()
  const working = ids.map((id) =>
    own.transact(id, 1, async () => {
      await gate.promise
      return appending(id, 1)
    }),
  )
  const beats = await Promise.allSettled([
    own.heartbeat('ann', 1),
    own.commit([appending('r1', 1), appending('r2', 1)]),
  ])
  gate.resolve(undefined)

  expect(beats.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
  expect(await Promise.all(working)).toEqual(ids.map(() => ({ kind: 'written' })))
  await own.close()
  await small.end()
})

test('a connection that is gone while a tool runs is said, whatever the tool makes of it', async () => {
  const failing = transact(async (tx) => {
    await tx.query(put, ['a'])
    const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
    await asAdmin(`select pg_terminate_backend(${rows[0]?.pid})`)
    await tx.query('select 1').catch(() => undefined)
  })
  await expect(failing).rejects.toMatchObject({ code: 'store_unreachable', retryable: true })
  expect(await orders()).toEqual([])
  expect(await transact((tx) => tx.query(put, ['a']))).toEqual({ kind: 'written' })
})

test('a connection that is gone while a tool does something else is said as well', async () => {
  const failing = transact(async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid')
    const pid = rows[0]?.pid
    await asAdmin(`select pg_terminate_backend(${pid})`)
    while ((await asAdmin(`select 1 from pg_stat_activity where pid = ${pid}`)).length > 0);
  })
  await expect(failing).rejects.toMatchObject({ code: 'store_unreachable', retryable: true })
})

test('a tool that is given up waits for no statement', async () => {
  const thrown = new Error('its time is over')
  const failing = transact((tx) => {
    tx.query('select pg_sleep(600)').catch(() => undefined)
    throw thrown
  })
  await expect(failing).rejects.toBe(thrown)
  expect(await store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
})

test('the server waits for a tool no longer than for a part of a lease, where its process has stopped', async () => {
  const settings: unknown[] = []
  await transact(async (tx) => {
    for (const name of ['transaction_isolation', 'idle_in_transaction_session_timeout', 'lock_timeout'])
      settings.push(...(await tx.query(`select current_setting('${name}') as ${name}`)).rows)
  })
  expect(settings).toEqual([
    { transaction_isolation: 'read committed' },
    { idle_in_transaction_session_timeout: '10s' },
    { lock_timeout: '10s' },
  ])
})
