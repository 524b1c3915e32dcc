// Owners that write while others take their runs; heads that are remembered and no longer true; several that open at once.
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Store } from '@reprise/core'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from '@reprise/testing/store-suite'
import { postgres } from './postgres.ts'
import { asAdmin, freshSchema, serverUrl } from './testing.fixture.ts'

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

test.each(['read committed', 'repeatable read'])(
  'whoever takes a run sees all that its owner wrote, and nothing comes after (%s)',
  { tags: 'slow' },
  async (isolation) => {
    const schema = freshSchema()
    const url = await serverUrl()
    const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`
    const own = new pg.Pool({ connectionString: url, pipeline: true, options })
    const ann = postgres(own, { schema })
    const bob = open(schema)
    const ids = Array.from({ length: 40 }, (_, index) => `r${index}`)
    await ann.commit(ids.map((id) => beginning(id)))

    const lost = new Set<string>()
    const writing = async (some: readonly string[]): Promise<void> => {
      for (let seq = 1; ; seq++) {
        const left = some.filter((id) => !lost.has(id))
        if (left.length === 0) return
        const results = await ann.commit(left.map((id) => appending(id, seq)))
        for (const [index, id] of left.entries()) if (results[index]?.kind === 'stale') lost.add(id)
      }
    }
    const seen = new Map<string, number>()
    const taking = async (): Promise<void> => {
      for (const id of ids) {
        const row = await bob.claim({ id, epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 })
        expect(row?.epoch, id).toBe(2)
        seen.set(id, (await bob.entries(id)).length)
      }
    }
    await Promise.all([
      writing(ids.filter((_, index) => index % 2 === 0)),
      writing(ids.filter((_, index) => index % 2 === 1)),
      taking(),
    ])
    for (const id of ids) expect((await bob.entries(id)).length, id).toBe(seen.get(id))
    expect(Math.max(...seen.values())).toBeGreaterThan(1)
    await ann.close()
    await own.end()
  },
)

test('a head that is no longer true is not gone on from: a server that has lost its last commits', async () => {
  const schema = freshSchema()
  const store = open(schema)
  await store.commit([beginning('r1'), beginning('r2'), appending('r1', 1, 2)])
  await store.commit([appending('r1', 3), appending('r2', 1)])
  await asAdmin(
    `delete from ${schema}.entries where seq > 1 and run = (select run from ${schema}.runs where id = 'r1')`,
  )

  expect(await store.commit([appending('r1', 4), appending('r2', 2)])).toEqual([{ kind: 'stale' }, { kind: 'written' }])
  expect(await store.entries('r1')).toHaveLength(2)
  expect(await store.commit([appending('r1', 2)])).toEqual([{ kind: 'written' }])
})

test('an entry that somebody else has changed is not gone on from', async () => {
  const schema = freshSchema()
  const store = open(schema)
  await store.commit([beginning('r1')])
  await store.commit([appending('r1', 1)])
  await asAdmin(`update ${schema}.entries set hash = decode(repeat('00', 32), 'hex') where seq = 1`)

  expect(await store.commit([appending('r1', 1, 2)])).toEqual([{ kind: 'stale' }])
  await expect(store.entries('r1')).rejects.toMatchObject({ code: 'store_corrupt', details: { runId: 'r1', seq: 1 } })
})

test('of two who begin the same turn of a session at once, one does, and the other is refused', async () => {
  const schema = freshSchema()
  const [one, other] = [open(schema), open(schema)]
  const turnOf = (who: string, turn: number) =>
    beginning(`${who}/${turn}`, { sessionId: 's', turn, lineageId: 'session s' })
  for (let turn = 1; turn <= 20; turn++) {
    const results = await Promise.all([one.commit([turnOf('one', turn)]), other.commit([turnOf('other', turn)])])
    expect(
      results
        .flat()
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(['exists', 'written'])
  }
  expect((await one.runs({ sessionId: 's' })).map(({ turn }) => turn)).toEqual(
    Array.from({ length: 20 }, (_, at) => at + 1),
  )
})

test('two commits that write to the same runs in different orders both come through', async () => {
  const schema = freshSchema()
  const [one, other] = [open(schema), open(schema)]
  const ids = Array.from({ length: 10 }, (_, index) => `r${index}`)
  await one.commit(ids.map((id) => beginning(id)))
  const part = 'x'.repeat(3000)
  for (let round = 0; round < 10; round++) {
    const leaving = (from: readonly string[], to: readonly string[], mark: string) => ({
      ...appending(from[0] ?? '', round + 1),
      messages: to.map((id) => sampleMessage(id, `${mark}${round}`)),
    })
    // Parts that both begin to hold just then, and messages that cross.
    const long = (id: string) => ({
      runId: id,
      epoch: 1,
      entries: [sampleEntry(round + 1, { a: `${round}${part}`, b: `b${round}${part}` })],
    })
    const results = await Promise.all([
      one.commit([leaving(ids.slice(0, 1), ids.slice(5), 'a'), ...ids.slice(1, 5).map(long)]),
      other.commit([
        leaving(ids.slice(5, 6), ids.slice(0, 5).toReversed(), 'b'),
        ...ids.slice(6).toReversed().map(long),
      ]),
    ])
    expect(new Set(results.flat().map(({ kind }) => kind))).toEqual(new Set(['written']))
  }
  for (const id of ids) expect(await one.entries(id), id).toHaveLength(11)
})

test('a message for a run whose row the same commit changes is left, whichever of them is said first', async () => {
  const store = open(freshSchema())
  await store.commit([beginning('r1'), beginning('r2')])
  const { totals } = sampleRow('r2')
  const row = { status: 'waiting', waiting: null, waits: [], wakeAt: 5, endedAt: null, totals } as const
  for (const seq of [1, 2]) {
    const messages = ['r1', 'r2'].map((id) => sampleMessage(id, `${seq}`))
    const two = [
      { ...appending('r1', seq), row, messages },
      { ...appending('r2', seq), row },
    ]
    const results = await store.commit(seq === 1 ? two : two.toReversed())
    expect(results).toEqual([{ kind: 'written' }, { kind: 'written' }])
  }
  for (const id of ['r1', 'r2']) {
    expect((await store.inbox(id)).map(({ dedupe }) => dedupe)).toEqual(['1', '2'])
    expect(await store.run(id)).toMatchObject({ status: 'waiting', wakeAt: 5 })
  }
})

test.each(['\u0000', '\ud800'])('a text with %j is refused, and nothing of its commit is written', async (bad) => {
  const store = open(freshSchema())
  await store.commit([beginning('r1')])
  const writes = [
    beginning(`r${bad}`),
    beginning('r2', { tags: [bad] }),
    beginning('r2', { name: bad }),
    { ...appending('r1', 1), messages: [sampleMessage('r1', bad)] },
    { ...appending('r1', 1), entries: [{ ...sampleEntry(1), key: bad }] },
  ]
  for (const write of writes) {
    const committing = store.commit([appending('r1', 1), beginning('r3'), write])
    await expect(committing).rejects.toMatchObject({ code: 'store_bad_text', retryable: false })
  }
  await expect(store.send(sampleMessage('r1', bad))).rejects.toMatchObject({ code: 'store_bad_text' })
  expect(await store.entries('r1')).toEqual([sampleEntry(0)])
  expect(await store.inbox('r1')).toEqual([])
  expect(await store.runs({})).toEqual([sampleRow('r1')])
  // JSON says them by escapes.
  const text = { reason: `all ${bad} of it` }
  await store.commit([
    { ...appending('r1', 1), entries: [sampleEntry(1, text)], messages: [{ ...sampleMessage('r1', 'a'), body: text }] },
  ])
  expect(await store.entries('r1', 1)).toEqual([sampleEntry(1, text)])
  expect(await store.inbox('r1')).toMatchObject([{ body: text }])
})

test('several that open a new store at once make it once', async () => {
  const schema = freshSchema()
  const opening = Array.from({ length: 5 }, () => open(schema))
  const begun = await Promise.all(opening.map((store, index) => store.commit([beginning(`r${index}`)])))
  expect(begun).toEqual(opening.map(() => [{ kind: 'written' }]))
})

test('an older program goes on with tables that say that it may, and is refused by those that do not', async () => {
  const schema = freshSchema()
  await open(schema).commit([beginning('r1')])
  await asAdmin(`update ${schema}.meta set schema = 7; alter table ${schema}.runs add column later text`)
  expect(await open(schema).run('r1')).toEqual(sampleRow('r1'))

  await asAdmin(`update ${schema}.meta set least = 7`)
  await expect(open(schema).run('r1')).rejects.toMatchObject({ code: 'store_newer', retryable: false })
})

test('a number that JavaScript would change is not read as another', async () => {
  const schema = freshSchema()
  const store = open(schema)
  await store.commit([beginning('r1')])
  await asAdmin(`update ${schema}.runs set wake_at = 9007199254740993`)
  await expect(store.run('r1')).rejects.toMatchObject({ code: 'store_failed' })
})
