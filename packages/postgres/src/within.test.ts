import { createRuntime, defineAgent, defineSignal, defineTool, defineWorkflow, type Runtime } from '@reprise/core'
import { scriptedModel } from '@reprise/testing'
import { drizzle as drizzleOnPg } from 'drizzle-orm/node-postgres'
import { drizzle as drizzleOnPostgresJs } from 'drizzle-orm/postgres-js'
import { sql as drizzleSql } from 'drizzle-orm'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import postgresJs from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { emptySchema, freshSchema, keptPool, keysUrl, serverUrl } from './testing.fixture.ts'
import { runnerOf } from './tx-runner.ts'

const said = defineSignal({ name: 'said', payload: z.string() })
const flow = defineWorkflow({ name: 'flow', input: z.string(), run: (ctx) => ctx.receive(said) })
const hidden = defineWorkflow({
  name: 'hidden',
  input: z.object({ key: z.string().meta({ secret: true }) }),
  run: async () => 'done',
})

/** A way to have transactions. */
interface Way {
  /** Runs work in a transaction, which may note orders there. */
  readonly transaction: (
    work: (tx: object, note: (order: string) => Promise<unknown>) => Promise<void>,
  ) => Promise<void>
  readonly close: () => Promise<unknown>
}

const insert = (order: string) => `insert into public.orders values ('${order}')`

function onPg(url: string): Way {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  return {
    transaction: async (work) => {
      const client = await pool.connect()
      try {
        await client.query('begin')
        await work(client, (order) => client.query(insert(order)))
        await client.query('commit')
      } catch (thrown) {
        await client.query('rollback')
        throw thrown
      } finally {
        client.release()
      }
    },
    close: () => pool.end(),
  }
}

function onKysely(url: string): Way {
  const db = new Kysely<{ readonly 'public.orders': { readonly id: string } }>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 3 }) }),
  })
  return {
    transaction: (work) =>
      db.transaction().execute((tx) => work(tx, (id) => tx.insertInto('public.orders').values({ id }).execute())),
    close: () => db.destroy(),
  }
}

function onDrizzle(url: string): Way {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  const db = drizzleOnPg(pool)
  return {
    transaction: (work) => db.transaction((tx) => work(tx, (order) => tx.execute(drizzleSql.raw(insert(order))))),
    close: () => pool.end(),
  }
}

function onDrizzleWithPostgresJs(url: string): Way {
  const client = postgresJs(url, { max: 3, onnotice: () => undefined })
  const db = drizzleOnPostgresJs(client)
  return {
    transaction: (work) => db.transaction((tx) => work(tx, (order) => tx.execute(drizzleSql.raw(insert(order))))),
    close: () => client.end(),
  }
}

function onPostgresJs(url: string): Way {
  const client = postgresJs(url, { max: 3, onnotice: () => undefined })
  return {
    transaction: async (work) => {
      await client.begin((tx) => work(tx, (order) => tx.unsafe(insert(order))))
    },
    close: () => client.end(),
  }
}

/** For all others: the program says how a statement is sent. */
function onFunction(url: string): Way {
  const pool = new pg.Pool({ connectionString: url, max: 3 })
  const own = onPg(url)
  return {
    ...own,
    transaction: (work) =>
      own.transaction((client, note) =>
        work(async (text: string, values: readonly unknown[]) => {
          const { rows } = await (client as pg.PoolClient).query(text, [...values])
          return rows as readonly object[]
        }, note),
      ),
    close: () => Promise.all([own.close(), pool.end()]),
  }
}

const WAYS: readonly [name: string, open: (url: string) => Way][] = [
  ['pg', onPg],
  ['Kysely', onKysely],
  ['Drizzle on pg', onDrizzle],
  ['Drizzle on postgres.js', onDrizzleWithPostgresJs],
  ['postgres.js', onPostgresJs],
  ['a function', onFunction],
]

interface Encryption {
  readonly key: Buffer
}

const STORES = [
  ['plain', undefined],
  ['encrypted', { key: Buffer.alloc(32, 7) }],
] as const

let url = ''
let asking: pg.Pool
beforeAll(async () => {
  url = await serverUrl()
  asking = new pg.Pool({ connectionString: url, max: 1 })
  await asking.query('create table if not exists public.orders (id text primary key)')
})
afterAll(() => asking.end())
beforeEach(async () => void (await asking.query('delete from public.orders')))

async function orders(): Promise<readonly string[]> {
  const { rows } = await asking.query<{ id: string }>('select id from public.orders order by id')
  return rows.map(({ id }) => id)
}

const schemas = { plain: freshSchema(), encrypted: freshSchema() }

/** An empty store, in tables that the tests before have used: to make some takes longer than most tests. */
async function openStore(encryption?: Encryption): Promise<PostgresStore> {
  const schema = schemas[encryption ? 'encrypted' : 'plain']
  await emptySchema(schema)
  return postgres(keptPool(url), { schema, ...(encryption && { encryption }) })
}

async function open(encryption?: Encryption): Promise<{ readonly store: PostgresStore; readonly runtime: Runtime }> {
  const store = await openStore(encryption)
  const runtime = createRuntime({ store, models: scriptedModel([]), definitions: [flow, hidden] }) as Runtime
  onTestFinished(async () => {
    await runtime.close()
    await store.close()
  })
  return { store, runtime }
}

describe.each(WAYS)('a transaction of %s', (_, openWay) => {
  let way: Way
  beforeAll(() => (way = openWay(url)))
  afterAll(() => way.close())

  describe.each(STORES)('on a store that is %s', (kind, encryption) => {
    test('has a run and a signal to it with its rows, or none of them', async () => {
      const { store, runtime } = await open(encryption)
      const failing = way.transaction(async (tx, note) => {
        await note('o1')
        expect(await runtime.enqueue(flow, 'o1', { id: 'r', tags: ['a "b"', 'c\\d'], priority: 3, tx })).toEqual({
          id: 'r',
        })
        await runtime.send('r', said, 'hello', { tx })
        expect(await store.run('r')).toBeUndefined()
        throw new Error('sold out')
      })
      await expect(failing).rejects.toThrow('sold out')
      expect([await orders(), await store.runs({})]).toEqual([[], []])

      const large = `${'ä'.repeat(9_000)} "quoted" \\ ${'x'.repeat(9_000)}`
      await way.transaction(async (tx, note) => {
        await note('o1')
        await runtime.enqueue(flow, large, { id: 'r', tags: ['a "b"', 'c\\d'], priority: 3, tx })
        await runtime.enqueue(flow, 'other', { id: 'other', tx })
        await runtime.send('r', said, 'hello', { id: 'm', tx })
        await runtime.send('r', said, 'hello', { id: 'm', tx })
      })
      expect(await orders()).toEqual(['o1'])
      expect(await store.run('r')).toMatchObject({
        status: 'queued',
        owner: null,
        epoch: 1,
        priority: 3,
        tags: ['a "b"', 'c\\d'],
      })
      expect(await store.inbox('r')).toHaveLength(1)
      const run = await runtime.resume('r')
      expect(await run.result()).toBe('hello')
      expect((await runtime.runs.entries('r'))[0]).toMatchObject({ body: { input: large } })
      expect((await runtime.replay('r')).status).toBe('matched')
    })

    test('goes on where a run is there already, with the same input and with another', async () => {
      const { store, runtime } = await open(encryption)
      await runtime.enqueue(flow, 'first', { id: 'r' })
      await way.transaction(async (tx, note) => {
        await runtime.enqueue(flow, 'first', { id: 'r', tx })
        await expect(runtime.enqueue(flow, 'second', { id: 'r', tx })).rejects.toMatchObject({ code: 'run_exists' })
        await expect(runtime.send('nobody', said, 'x', { tx })).rejects.toMatchObject({ code: 'unknown_run' })
        await note('o2')
        await runtime.cancel('r', 'never mind', { tx })
      })
      expect(await orders()).toEqual(['o2'])
      expect((await store.inbox('r')).map(({ kind: of }) => of)).toEqual(['cancel'])
    })

    test('does not mix what is asked for at once, and holds nobody up that works on other runs', async () => {
      const { store, runtime } = await open(encryption)
      await way.transaction(async (tx) => {
        await Promise.all(['a', 'b', 'c'].map((id) => runtime.enqueue(flow, id, { id, tx })))
        await runtime.enqueue(flow, 'beside', { id: 'beside' })
        expect((await store.runs({})).map(({ id }) => id)).toEqual(['beside'])
      })
      expect((await store.runs({})).map(({ id }) => id).toSorted()).toEqual(['a', 'b', 'beside', 'c'])
      for (const id of ['a', 'b', 'c']) expect(await store.entries(id)).toHaveLength(1)
    })

    test.skipIf(kind === 'plain')('keeps what is secret in the input with the run', async () => {
      const { store, runtime } = await open(encryption)
      const input = { key: 'hunter2-hunter2' }
      await way.transaction(async (tx) => void (await runtime.enqueue(hidden, input, { id: 's', tx })))
      await way.transaction(async (tx) => void (await runtime.enqueue(hidden, input, { id: 's', tx })))
      expect(JSON.stringify(await store.entries('s'))).not.toContain('hunter2')
      expect((await store.secrets?.('s', 0))?.secrets).toMatchObject([{ value: 'hunter2-hunter2' }])
      expect(await (await runtime.resume('s')).result()).toBe('done')
    })
  })

  test('on another database is refused', async () => {
    const { runtime } = await open()
    const elsewhere = openWay(await keysUrl())
    const failing = elsewhere.transaction(async (tx) => void (await runtime.enqueue(flow, '', { tx })))
    await expect(failing).rejects.toMatchObject({ code: 'bad_tx' })
    await elsewhere.close()
  })
})

describe('a transactional tool', () => {
  test.each(STORES)('begins a run with its effect and its entry, or none of them (%s)', async (_, encryption) => {
    const fail = { next: true }
    const tables = { store: undefined as PostgresStore | undefined }
    const order = defineTool({
      name: 'order',
      description: 'Orders.',
      input: z.object({ id: z.string() }),
      effect: 'transactional',
      execute: async ({ id }, ctx) => {
        const tx = tables.store?.tx(ctx)
        if (!tx) throw new Error('It runs on a store.')
        await tx.query('insert into public.orders values ($1)', [id])
        await runtime.enqueue(flow, id, { id: `pack-${id}`, tx })
        if (fail.next) throw new Error('sold out')
        return 'ordered'
      },
    })
    const shop = defineAgent({ name: 'shop', model: 'm', instructions: '', tools: [order] })
    const models = scriptedModel((__, nth) =>
      nth === 3 ? { text: 'done' } : { calls: [{ name: 'order', arguments: { id: `o${nth}` } }] },
    )
    await using store = await openStore(encryption)
    tables.store = store
    await using runtime = createRuntime({ store, models, definitions: [shop, flow] })
    const run = await runtime.start(shop, 'go', { id: 'r' })
    run.on('call.failed', () => {
      fail.next = false
    })
    expect(await run.result()).toBe('done')
    expect(await orders()).toEqual(['o2'])
    expect((await runtime.runs.list({ name: 'flow' })).map(({ id }) => id)).toEqual(['pack-o2'])
  })
})

test('nothing is there of a program that dies before it commits, and all of one that dies after it', async () => {
  const { store, runtime } = await open()
  await store.runs({})
  for (const place of ['before', 'after'] as const) {
    const client = new pg.Client(url)
    client.on('error', () => undefined)
    await client.connect()
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    await client.query('begin')
    await client.query(insert(place))
    await runtime.enqueue(flow, '', { id: place, tx: client })
    await runtime.send(place, said, 'hello', { tx: client })
    if (place === 'after') await client.query('commit')
    // Its connection breaks, as that of a process does that is killed.
    await asking.query('select pg_terminate_backend($1)', [rows[0]?.pid])
    await client.end().catch(() => undefined)
  }
  expect(await orders()).toEqual(['after'])
  expect((await store.runs({})).map(({ id }) => id)).toEqual(['after'])
  expect(await store.inbox('after')).toHaveLength(1)
})

test('two that enqueue the same id wait for each other, and both have it', async () => {
  const { store, runtime } = await open()
  const way = onPg(url)
  const first = Promise.withResolvers<void>()
  const one = way.transaction(async (tx) => {
    await runtime.enqueue(flow, 'same', { id: 'r', tx })
    first.resolve()
    // The other one waits for the lock by now, or comes later: it has the run in both cases.
    await asking.query('select pg_sleep(0.05)')
  })
  await first.promise
  const other = way.transaction(async (tx, note) => {
    await note('o2')
    await runtime.enqueue(flow, 'same', { id: 'r', tx })
  })
  await Promise.all([one, other])
  expect(await orders()).toEqual(['o2'])
  expect(await store.entries('r')).toHaveLength(1)
  await way.close()
})

test('what is no transaction is refused by what it is, with all that is taken', async () => {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const client = await pool.connect()
  const kysely = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const sql = postgresJs(url, { max: 1 })
  const refused: readonly [object, string][] = [
    [pool, 'is a pool of pg, which has no transaction of its own'],
    [client, 'is a client of pg that has no transaction open'],
    [kysely, 'is a Kysely, and no transaction of it'],
    [drizzleOnPg(pool), 'is a database of Drizzle, and no transaction of it'],
    [sql, 'is a sql of postgres.js, and no transaction of it'],
    [{ tables: 1 }, 'is nothing that sends statements in a transaction: it has tables'],
  ]
  for (const [tx, what] of refused)
    expect(() => runnerOf(tx)).toThrow(`What was given as { tx } ${what}. It takes a client of pg after its "begin"; `)
  client.release()
  await sql.end()
  await pool.end()
})
