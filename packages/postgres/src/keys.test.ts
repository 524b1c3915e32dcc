// Several processes on one encrypted store: what one does with the keys the others find out. Each store has connections and
// keys at hand of its own, as another process has.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunWrite, Store } from '@reprise/core'
import { createRuntime, defineSignal, defineWorkflow } from '@reprise/core'
import { manualClock, scriptedModel } from '@reprise/testing'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from '@reprise/testing/store-suite'
import { z } from 'zod'
import pg from 'pg'
import { postgres } from './postgres.ts'
import type { PostgresStore } from './postgres-store.ts'
import { tablesOf } from './tables.ts'
import { freshSchema, keysUrl, serverUrl } from './testing.fixture.ts'

const KEY = Buffer.alloc(32, 'key')
const OTHER = Buffer.alloc(32, 'other')
const AT = Date.UTC(2026, 10, 30)
const LONG = 'said in confidence '.repeat(400)

let [schema, url, keys] = ['', '', '']
const stores: PostgresStore[] = []
beforeEach(async () => {
  schema = freshSchema()
  url = await serverUrl()
  keys = await keysUrl()
})
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

function open(key: Uint8Array = KEY, oldKeys: readonly Uint8Array[] = []): PostgresStore {
  const store = postgres(url, { schema, encryption: { key, oldKeys }, keys })
  stores.push(store)
  return store
}

/** Asks one of the two databases beside the stores. */
async function sql(place: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(place)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(text)
    return rows
  } finally {
    await client.end()
  }
}

function ending(runId: string, epoch = 1): RunWrite {
  const { totals } = sampleRow(runId)
  const row = { status: 'completed', waiting: null, waits: [], wakeAt: null, endedAt: AT, totals } as const
  return { runId, epoch, entries: [], row, release: true }
}

const tick = defineSignal({ name: 'tick', payload: z.object({}) })
const flow = defineWorkflow({ name: 'flow', input: z.string(), run: (ctx) => ctx.receive(tick) })
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe('an id that another process has cleaned up and used again', () => {
  /** The first knows the key of the run that the second cleans up and begins anew. */
  async function usedAgain(): Promise<readonly [PostgresStore, PostgresStore]> {
    const [first, second] = [open(), open()]
    await first.commit([beginning('weekly')])
    await first.commit([ending('weekly')])
    expect(await first.entries('weekly')).toEqual([sampleEntry(0)])
    expect(await second.gc(AT + 1, ['completed'], 10)).toEqual(['weekly'])
    await second.commit([beginning('weekly')])
    await second.commit([appending('weekly', 1)])
    return [first, second]
  }

  test('is read, written to, told something and gone on with under its new key', async () => {
    const [first, second] = await usedAgain()
    expect(await first.send(sampleMessage('weekly', 'a'))).toBe(true)
    expect(await second.inbox('weekly')).toEqual([sampleMessage('weekly', 'a')])
    expect(await first.entries('weekly')).toEqual([sampleEntry(0), sampleEntry(1)])
    expect(await first.commit([appending('weekly', 2)])).toEqual([{ kind: 'written' }])
    expect(await second.entries('weekly')).toEqual([0, 1, 2].map((seq) => sampleEntry(seq)))
  })

  test('gets children, and messages of other runs, under its new key', async () => {
    const [first, second] = await usedAgain()
    await first.commit([beginning('weekly/child', { lineageId: 'weekly' })])
    await first.commit([{ ...appending('weekly/child', 1), messages: [sampleMessage('weekly', 'b')] }])

    expect(await second.entries('weekly/child')).toEqual([sampleEntry(0), sampleEntry(1)])
    expect(await second.inbox('weekly')).toEqual([sampleMessage('weekly', 'b')])
  })

  test('has the secrets that it was given, and no others', async () => {
    const [first, second] = [open(), open()]
    const before = await first.secrets?.('weekly', 0)
    const old = { token: before?.token('before') ?? '', value: 'before' }
    await first.commit([{ ...beginning('weekly'), secrets: [old] }])
    await first.commit([ending('weekly')])
    await second.gc(AT + 1, ['completed'], 10)
    const after = await second.secrets?.('weekly', 0)
    const secret = { token: after?.token('after') ?? '', value: 'after' }
    expect(after?.token('before')).not.toBe(old.token)
    await second.commit([{ ...beginning('weekly'), secrets: [secret] }])

    expect((await first.secrets?.('weekly', 0))?.secrets).toEqual([secret])
  })
})

test('a key goes with the last run of its lineage, and not before', async () => {
  const store = open()
  await store.commit([beginning('r1')])
  await store.commit([beginning('r1/a', { lineageId: 'r1' })])
  await store.commit([ending('r1')])
  const left = async () =>
    (await sql(keys, `select lineage from ${tablesOf(schema).keys}`)).map((row) => row['lineage'])
  expect(await store.gc(AT + 1, ['completed'], 10)).toEqual(['r1'])
  expect(await left()).toEqual(['r1'])
  expect(await store.entries('r1/a')).toEqual([sampleEntry(0)])

  await store.commit([ending('r1/a')])
  await store.gc(AT + 1, ['completed'], 10)
  expect(await left()).toEqual([])
})

test('a write that is refused leaves no key of a lineage that nothing is in', async () => {
  const store = open()
  const definition = { kind: 'agent', name: 'support' } as const
  const whose = { dueAt: 1, paused: false, tenant: null, user: null, text: '{}' }
  const schedule = { name: 's', etag: '2', definition, ...whose }
  await store.keepSchedule({ schedule: { ...schedule, etag: '1' }, before: null })
  await store.commit([beginning('r1')])

  expect(
    await store.commit([
      { ...beginning('s@1'), fires: { schedule, before: 'another' } },
      { ...beginning('r1', { lineageId: 'r2' }), entries: [sampleEntry(0, { result: 'another' })] },
    ]),
  ).toEqual([{ kind: 'stale' }, { kind: 'exists' }])
  const left = await sql(keys, `select lineage from ${tablesOf(schema).keys} order by lineage`)
  expect(left.map((row) => row['lineage'])).toEqual(['r1', 'schedule s'])
  expect(await store.commit([{ ...beginning('s@1'), fires: { schedule, before: '1' } }])).toEqual([{ kind: 'written' }])
  expect(await store.entries('s@1')).toEqual([sampleEntry(0)])
})

describe('a process that has not the key by which another has wrapped all keys anew', () => {
  const wrongKey = { name: 'StoreError', code: 'store_wrong_key', retryable: false }

  async function rotated(): Promise<readonly [PostgresStore, PostgresStore]> {
    const old = open()
    await old.commit([beginning('r1')])
    const next = open(OTHER, [KEY])
    await next.commit([beginning('r2')])
    return [old, next]
  }

  test('reads, begins and takes nothing more, and says which key it lacks', { tags: 'slow' }, async () => {
    const [old, next] = await rotated()
    const filter = {
      now: AT,
      gone: [],
      definitions: [{ kind: 'agent', name: 'support' } as const],
      except: [],
      limit: 1,
    }
    const attempts = [
      () => old.entries('r1'),
      () => old.entries('r2'),
      () => old.commit([beginning('r3')]),
      () => old.commit([appending('r1', 1)]),
      () => old.send(sampleMessage('r1', 'a')),
      () => old.take({ owner: 'bob', heartbeat: 1 }, filter),
      () => old.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 1 }),
      async () => old.secrets?.('r1', 0),
    ]
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject(wrongKey)
    await expect(old.entries('r1')).rejects.toThrow(
      /^The store at .* is encrypted by the key \w{8}, and the key given is \w{8}\. Give that key: as `key`, or among `oldKeys` where `key` is to take its place\.$/,
    )
    expect(await next.entries('r1')).toEqual([sampleEntry(0)])
    expect(await next.run('r1')).toMatchObject({ owner: 'ann', epoch: 1 })
    expect(await next.run('r3')).toBeUndefined()
    expect(await next.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
    await expect(open().run('r1')).rejects.toMatchObject(wrongKey)
    expect(await open(OTHER).entries('r1')).toHaveLength(2)
  })

  test('puts no sound run into quarantine, and leaves it to others', { tags: 'slow' }, async () => {
    const clock = manualClock()
    const runtimeOn = (store: Store) =>
      createRuntime({ store, models: scriptedModel([]), definitions: [flow], clock, log })
    const [old, next] = (await rotated()).map(runtimeOn)
    if (!old || !next) throw new Error('there are two')
    await next.enqueue(flow, 'x', { id: 'queued' })
    const worker = old.work()
    await clock.advance(10_000)
    expect(await next.runs.get('queued')).toMatchObject({ status: 'queued', owner: null, epoch: 1 })
    await worker.stop()
    await next.send('queued', tick, {})
    expect(await (await next.resume('queued')).result()).toEqual({})
    await Promise.all([old.close(), next.close()])
  })

  test('goes on where it was given that key before', async () => {
    const old = open(KEY, [OTHER])
    await old.commit([beginning('r1')])
    const next = open(OTHER, [KEY])
    await next.run('r1')

    expect(await old.commit([appending('r1', 1), beginning('r2')])).toEqual([{ kind: 'written' }, { kind: 'written' }])
    expect(await next.entries('r2')).toEqual([sampleEntry(0)])
  })
})

test(
  'what two processes begin while a third wraps all keys anew can be read afterwards by the new key alone',
  { tags: 'slow' },
  async () => {
    const olds = [open(), open()]
    await Promise.all(olds.map((store, index) => store.commit([beginning(`first ${index}`)])))
    const begun: string[] = ['first 0', 'first 1']
    const refused: unknown[] = []
    const begins = olds.map(async (store, index) => {
      for (let n = 0; refused.length < 2 && n < 500; n++) {
        const id = `r${index}-${n}`
        try {
          await store.commit([beginning(id)])
          begun.push(id)
        } catch (thrown) {
          refused.push(thrown)
          return
        }
      }
    })
    const next = open(OTHER, [KEY])
    await next.run('x')
    await Promise.all(begins)
    expect(refused).toEqual([1, 2].map(() => expect.objectContaining({ code: 'store_wrong_key' })))

    const alone = open(OTHER)
    for (const id of begun) expect(await alone.entries(id)).toEqual([sampleEntry(0)])
    expect(await sql(keys, `select distinct master from ${tablesOf(schema).keys}`)).toHaveLength(1)
    expect(await sql(url, `select cardinality(masters) as n from ${tablesOf(schema).meta}`)).toEqual([{ n: 1 }])
  },
)

describe('a store is not opened', () => {
  test(
    'when it is encrypted and no key is given, or is not and one is, or the key is another',
    { tags: 'slow' },
    async () => {
      await open().commit([beginning('r1')])
      await expect(postgres(url, { schema, keys }).run('r1')).rejects.toMatchObject({ code: 'store_encrypted' })
      await expect(open(OTHER).run('r1')).rejects.toMatchObject({ code: 'store_wrong_key' })
      schema = freshSchema()
      const plain = postgres(url, { schema, keys })
      stores.push(plain)
      await plain.commit([beginning('r1')])
      await expect(open().run('r1')).rejects.toMatchObject({ code: 'store_not_encrypted' })
    },
  )

  test('when its keys are those of another store, or are gone', async () => {
    await open().commit([beginning('r1')])
    await sql(keys, `update ${tablesOf(schema).vault} set id = 'another'`)

    await expect(open().entries('r1')).rejects.toMatchObject({
      code: 'store_no_keys',
      message: expect.stringContaining('the vault belongs to another store'),
    })
  })

  test('reads nothing whose key is gone, and says so', async () => {
    await open().commit([beginning('r1')])
    await sql(keys, `delete from ${tablesOf(schema).keys}`)

    await expect(open().entries('r1')).rejects.toMatchObject({
      code: 'store_no_keys',
      message: expect.stringContaining('the vault has none for the lineage "r1"'),
    })
  })
})

test('nothing that runs hold can be read in the tables, of their journal or of their keys', async () => {
  const store = open()
  const token = (await store.secrets?.('r1', 0))?.token('said alone') ?? ''
  await store.commit([
    { ...beginning('r1'), entries: [sampleEntry(0, { result: LONG })], secrets: [{ token, value: 'said alone' }] },
  ])
  await store.send({ ...sampleMessage('r1', 'm'), body: { payload: LONG } })
  expect(await store.entries('r1')).toEqual([sampleEntry(0, { result: LONG })])
  for (const [place, names] of [
    [url, ['runs', 'entries', 'blobs', 'inbox', 'secrets']],
    [keys, ['keys', 'vault', 'masters']],
  ] as const) {
    const texts = await Promise.all(
      names.map((name) =>
        sql(place, `select t.*, encode(${bytesOf(name)}, 'escape') from ${tablesOf(schema)[name]} t`),
      ),
    )
    expect(JSON.stringify(texts)).not.toContain('said')
  }
})

/** The column of a table that holds what is encrypted. */
function bytesOf(name: string): string {
  return { entries: 'sealed', blobs: 'bytes', inbox: 'sealed', secrets: 'value', keys: 'wrapped' }[name] ?? "'\\x00'"
}
