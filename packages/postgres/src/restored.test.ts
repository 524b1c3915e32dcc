import { expect, test } from 'vitest'
import { beginning, sampleEntry, sampleRow } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { restored } from './restored.ts'
import { freshSchema, serverUrl } from './testing.fixture.ts'

test('runs that had not ended before a restore wait for a person, and their owners can write no more', async () => {
  const [url, schema] = [await serverUrl(), freshSchema()]
  await using store = postgres(url, { schema })
  await store.commit([beginning('owned', { status: 'running', owner: 'o1', epoch: 1 })])
  await store.commit([beginning('queued')])
  await store.commit([beginning('done', { status: 'completed', endedAt: 5 })])
  await store.heartbeat('o1', 3)

  expect(await restored(url, { schema, by: 'ana' })).toEqual({ parked: ['owned', 'queued'] })

  const row = await store.run('owned')
  expect(row).toMatchObject({ status: 'quarantined', owner: null, wakeAt: null })
  expect(row?.waiting).toMatchObject({
    kind: 'quarantined',
    reason: expect.stringContaining('as ana has said') as string,
  })
  expect(row?.epoch).toBeGreaterThan(1_000)
  expect(await store.run('done')).toEqual(sampleRow('done', { status: 'completed', endedAt: 5 }))
  expect(await store.owned('o1')).toEqual([])
})

test('runs of definitions that are named go on by themselves, and their owners can write no more', async () => {
  const [url, schema] = [await serverUrl(), freshSchema()]
  await using store = postgres(url, { schema })
  await store.commit([beginning('safe', { name: 'safe', status: 'running', owner: 'o1', epoch: 1 })])
  await store.commit([beginning('other', { name: 'other' })])

  expect(await restored(url, { schema, by: 'ana', goOn: ['safe'] })).toEqual({ parked: ['other'] })

  expect(await store.run('safe')).toMatchObject({ status: 'running', owner: null, waiting: null })
  expect(await store.commit([{ runId: 'safe', epoch: 1, entries: [sampleEntry(1)] }])).toEqual([{ kind: 'stale' }])
  const definitions = [{ kind: 'agent', name: 'safe' }] as const
  const taken = await store.take({ owner: 'o2', heartbeat: 1 }, { now: 9, gone: [], definitions, except: [], limit: 5 })
  expect(taken.map(({ id }) => id)).toEqual(['safe'])
})

test('where there is no store, none was restored', async () => {
  await expect(restored(await serverUrl(), { schema: freshSchema(), by: 'ana' })).rejects.toMatchObject({
    code: 'no_store',
  })
})
