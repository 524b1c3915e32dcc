import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import { MapVault } from './map-vault.fixture.ts'
import { migrateKeys } from './migrate.ts'
import { PoolDatabase } from './pool-database.ts'
import { PostgresVault } from './postgres-vault.ts'
import { postgres } from './postgres.ts'
import { freshSchema, keysUrl, serverUrl } from './testing.fixture.ts'
import type { Vault, VaultKey } from './vault.ts'

const databases: PoolDatabase[] = []
afterEach(async () => {
  for (const database of databases.splice(0)) await database.close()
})

async function postgresVault(): Promise<Vault> {
  const schema = freshSchema()
  const pool = new pg.Pool({ connectionString: await keysUrl(), pipeline: true })
  const database = new PoolDatabase(pool, 'the vault', schema, true)
  databases.push(database)
  await migrateKeys(database, schema)
  return new PostgresVault(database)
}

const key = (lineage: string, id: string, master = 'old'): VaultKey => ({
  lineage,
  id,
  master,
  wrapped: Buffer.from(`${lineage} ${id} by ${master}`),
})
const ANA = { at: 7, by: 'ana' }

describe.each([
  ['on Postgres', postgresVault],
  ['of somebody’s own', async () => new MapVault()],
] as const)('a vault %s', (_, make) => {
  test('keeps the first key of a lineage, and gives what it has', async () => {
    const vault = await make()
    expect(await vault.look(['a'])).toEqual({ masters: [], keys: [], erased: [] })
    expect(await vault.keep([key('a', '1'), key('b', '1')], 'old', ['old'])).toMatchObject({
      masters: ['old'],
      keys: expect.arrayContaining([key('a', '1'), key('b', '1')]),
    })

    expect(await vault.keep([key('a', '2')], 'old', ['old'])).toEqual({
      masters: ['old'],
      keys: [key('a', '1')],
      erased: [],
    })
    expect(await vault.id()).toBe(await vault.id())
  })

  test('keeps nothing for whoever lacks a master key by which something is wrapped', async () => {
    const vault = await make()
    await vault.keep([], 'new', ['new', 'old'])

    expect(await vault.keep([key('a', '1')], 'old', ['old'])).toEqual({ masters: ['new'], keys: [], erased: [] })
    expect(await vault.keep([key('a', '1')], 'old', ['old', 'new'])).toMatchObject({ keys: [key('a', '1')] })
  })

  test('wraps anew a page at a time, and lets go of a master key once nothing is wrapped by it', async () => {
    const vault = await make()
    await vault.keep(
      ['a', 'b', 'c'].map((lineage) => key(lineage, '1')),
      'old',
      ['old'],
    )
    await vault.keep([], 'new', ['old', 'new'])
    expect(await vault.wrappedBy('old', '', 2)).toEqual([key('a', '1'), key('b', '1')])
    expect(await vault.wrappedBy('old', 'b', 2)).toEqual([key('c', '1')])
    await vault.replace([key('a', '1', 'new'), key('b', '1', 'new'), key('c', 'another', 'new')], 'old')
    expect(await vault.retire('old')).toBe(false)
    await vault.replace([key('a', '1', 'newer')], 'old')

    expect(await vault.look(['a', 'c'])).toMatchObject({
      keys: expect.arrayContaining([key('a', '1', 'new'), key('c', '1')]),
    })
    await vault.drop([{ lineage: 'c', id: 'another' }])
    expect(await vault.retire('old')).toBe(false)
    await vault.drop([{ lineage: 'c', id: '1' }])
    expect(await vault.retire('old')).toBe(true)
    expect(await vault.retire('old')).toBe(true)
    expect(await vault.look(['c'])).toEqual({ masters: ['new'], keys: [], erased: [] })
  })

  test('keeps no key of a lineage that was erased, and who did it first', async () => {
    const vault = await make()
    await vault.keep([key('a', '1')], 'old', ['old'])
    expect(await vault.destroy('a', ANA)).toEqual(ANA)
    expect(await vault.destroy('a', { at: 8, by: 'bob' })).toEqual(ANA)

    expect(await vault.keep([key('a', '2')], 'old', ['old'])).toEqual({
      masters: ['old'],
      keys: [],
      erased: [{ lineage: 'a', ...ANA }],
    })
    expect(await vault.erased()).toEqual([{ lineage: 'a', ...ANA }])
  })
})

test('a store keeps its keys and what was erased in a vault that it is given, and never a key that is not wrapped', async () => {
  const [url, schema, vault] = [await serverUrl(), freshSchema(), new MapVault()]
  const [old, next] = [Buffer.alloc(32, 'old'), Buffer.alloc(32, 'next')]
  {
    await using store = postgres(url, { schema, encryption: { key: old }, keys: vault })
    await store.commit([beginning('r1'), beginning('r2', { status: 'completed', endedAt: 1, owner: null })])
    expect(await store.erase('r2', 'ana', 7)).toEqual({ kind: 'erased', runs: 1 })
  }
  const [before] = vault.keys.values()
  await using store = postgres(url, { schema, encryption: { key: next, oldKeys: [old] }, keys: vault })

  expect(await store.entries('r1')).toEqual([sampleEntry(0)])
  await expect(store.entries('r2')).rejects.toMatchObject({ code: 'run_erased' })
  expect([...vault.keys.keys()]).toEqual(['r1'])
  expect(vault.keys.get('r1')).toMatchObject({ id: before?.id })
  expect(vault.keys.get('r1')?.master).not.toBe(before?.master)
})

test('what has not all methods of a vault is none', () => {
  const keys = { look: () => undefined } as unknown as Vault // of a program without types
  expect(() => postgres('postgres://x', { keys })).toThrow(
    'postgres was given no place for its keys. Give an address, a pool of pg, or a vault with all methods of Vault.',
  )
})
