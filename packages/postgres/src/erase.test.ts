import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { beginning, sampleEntry, sampleMessage, sampleRow } from '@reprise/testing/store-suite'
import pg from 'pg'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { tablesOf } from './tables.ts'
import type { Tables } from './tables.ts'
import { freshSchema, keysUrl, serverUrl } from './testing.fixture.ts'

const KEY = Buffer.alloc(32, 'key')
const AT = Date.UTC(2026, 10, 30)
const ENDED = { status: 'completed', endedAt: 5, owner: null } as const

let [schema, url] = ['', '']
let tables: Tables
let client: pg.Client
const stores: PostgresStore[] = []
beforeEach(async () => {
  schema = freshSchema()
  tables = tablesOf(schema)
  url = await serverUrl()
  client = new pg.Client(url)
  await client.connect()
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  await client.end()
})

async function open(encryption?: { readonly key: Uint8Array }): Promise<PostgresStore> {
  const store = postgres(url, { schema, keys: await keysUrl(), ...(encryption && { encryption }) })
  stores.push(store)
  return store
}

async function count(table: 'entries' | 'erasing' | 'inbox' | 'blobs' | 'secrets'): Promise<number> {
  const { rows } = await client.query<{ n: string }>(`select count(*) as n from ${tables[table]}`)
  return Number(rows[0]?.n)
}

const erased = (id: string) => ({ code: 'run_erased', details: { runId: id, by: 'ana', at: AT } })

describe('an erasure that was cut short', () => {
  test('lets nothing be read from its first write on, and is finished by whoever opens the store next', async () => {
    const store = await open({ key: KEY })
    await store.commit([beginning('r1', ENDED), beginning('r1/a', { ...ENDED, lineageId: 'r1' })])
    await client.query(`
      create function "${schema}".stop() returns trigger language plpgsql as $$ begin raise exception 'cut short'; end $$;
      create trigger stop before delete on ${tables.entries} execute function "${schema}".stop()`)
    const other = await open({ key: KEY })
    expect(await other.entries('r1')).toHaveLength(1)
    await expect(store.erase('r1', 'ana', AT)).rejects.toMatchObject({ code: 'store_failed' })

    for (const id of ['r1', 'r1/a']) await expect(other.entries(id)).rejects.toMatchObject(erased(id))
    await expect(other.send(sampleMessage('r1', 'm'))).rejects.toMatchObject(erased('r1'))
    expect([await count('entries'), await count('erasing')]).toEqual([2, 1])

    await client.query(`drop trigger stop on ${tables.entries}`)
    await expect((await open({ key: KEY })).entries('r1')).rejects.toMatchObject(erased('r1'))
    expect([await count('entries'), await count('erasing')]).toEqual([0, 0])
  })

  test('is finished by doing it again', async () => {
    const store = await open()
    await store.commit([beginning('r1', ENDED)])
    await client.query(`
      create function "${schema}".stop() returns trigger language plpgsql as $$ begin raise exception 'cut short'; end $$;
      create trigger stop before delete on ${tables.entries} execute function "${schema}".stop()`)
    await expect(store.erase('r1', 'ana', AT)).rejects.toMatchObject({ code: 'store_failed' })
    await client.query(`drop trigger stop on ${tables.entries}`)

    expect(await store.erase('r1', 'bob', AT + 1)).toEqual({ kind: 'erased', runs: 1 })
    await expect(store.entries('r1')).rejects.toMatchObject(erased('r1'))
    expect([await count('entries'), await count('erasing')]).toEqual([0, 0])
  })
})

test.each([true, false])(
  'a journal that is restored from before an erasure has nothing of it, encrypted: %s',
  { tags: 'slow' },
  async (isSealed) => {
    const encryption = isSealed ? { key: KEY } : undefined
    const store = await open(encryption)
    await store.commit([
      beginning('r1', ENDED),
      beginning('r1/a', { lineageId: 'r1', status: 'waiting' }),
      beginning('r2'),
    ])
    await store.send(sampleMessage('r1', 'm'))
    const saved = ['runs', 'entries', 'inbox'] as const
    for (const name of saved) await client.query(`create table "${schema}".${name}_saved as table ${tables[name]}`)
    await store.commit([
      {
        ...beginning('r1/a'),
        runId: 'r1/a',
        create: undefined as never,
        entries: [],
        row: { ...sampleRow('r1/a'), status: 'completed', endedAt: 6 },
      },
    ])
    expect(await store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 2 })
    await store.close()
    for (const name of saved)
      await client.query(`
      truncate ${tables[name]};
      insert into ${tables[name]} overriding system value table "${schema}".${name}_saved`)

    const again = await open(encryption)
    await expect(again.entries('r1')).rejects.toMatchObject(erased('r1'))
    expect(await again.run('r1/a')).toMatchObject({ status: 'cancelled', erasedAt: AT, owner: null })
    expect(await again.entries('r2')).toEqual([sampleEntry(0)])
    expect([await count('entries'), await count('inbox')]).toEqual([1, 0])
    const by = { id: 'ana', source: 'unknown' }
    expect(await again.audit({ action: 'erased' })).toMatchObject([{ at: AT, by, runId: 'r1', tenant: null }])
  },
)

test('an id of an erased lineage begins no more, also when its row is gone', async () => {
  for (const encryption of [undefined, { key: KEY }]) {
    schema = freshSchema()
    tables = tablesOf(schema)
    const store = await open(encryption)
    await store.commit([beginning('r1', ENDED)])
    await store.erase('r1', 'ana', AT)
    expect(await store.gc(AT, ['completed'], 10)).toEqual(['r1'])

    expect(await store.commit([beginning('r1')])).toEqual([{ kind: 'exists' }])
    expect(await store.commit([beginning('r1/b', { lineageId: 'r1' })])).toEqual([{ kind: 'exists' }])
    await expect(store.entries('r1')).rejects.toMatchObject(erased('r1'))
  }
})

test('an erasure and a child that begins just then: one of them comes first', { tags: 'slow' }, async () => {
  const [store, other] = [await open({ key: KEY }), await open({ key: KEY })]
  for (let round = 0; round < 20; round++) {
    const [root, child] = [`r${round}`, `r${round}/child`]
    await store.commit([beginning(root, ENDED)])
    const [erasure, [begun]] = await Promise.all([
      store.erase(root, 'ana', AT),
      other.commit([beginning(child, { lineageId: root })]),
    ])
    expect([
      [{ kind: 'erased', runs: 1 }, { kind: 'exists' }],
      [{ kind: 'active', runIds: [child] }, { kind: 'written' }],
    ]).toContainEqual([erasure, begun])
    if (erasure.kind === 'active') expect(await store.entries(child)).toEqual([sampleEntry(0)])
  }
})

test('asks Postgres to take away what it keeps of each table that holds what was said', async () => {
  const store = await open()
  await store.sendEarly(sampleMessage('r1', 'm'), 1)
  await store.commit([beginning('r1', ENDED)])
  expect(await store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 1 })

  const { rows } = await client.query<{ name: string }>(
    `select distinct relname as name from pg_stat_user_tables join information_schema.columns
        on table_schema = schemaname and table_name = relname
      where schemaname = $1 and column_name in ('body', 'sealed', 'bytes', 'value') and last_vacuum is null`,
    [schema],
  )
  expect(rows).toEqual([])
})

test('says that it is pending where somebody looks at the database as it was before', { tags: 'slow' }, async () => {
  const store = await open()
  await store.commit([beginning('r1', ENDED), beginning('r2', ENDED)])
  await client.query('begin isolation level repeatable read')
  await client.query('select 1')
  expect(await store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 1, pending: true })
  await client.query('commit')

  expect(await store.erase('r2', 'ana', AT)).toEqual({ kind: 'erased', runs: 1 })
})
