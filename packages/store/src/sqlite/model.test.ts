import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunWrite, Store } from '@reprise/core'
import { memoryStore } from '@reprise/testing'
import { sampleEntry, sampleMessage, sampleRow } from '@reprise/testing/store-suite'
import { sqlite } from './sqlite.ts'

type Step = (store: Store) => Promise<unknown>

const runId = fc.constantFrom('r1', 'r2', 'r3')
const owner = fc.constantFrom('ann', 'bob')
const epoch = fc.integer({ min: 1, max: 3 })
const beat = fc.integer({ min: 0, max: 2 })
const mark = fc.constantFrom('a', 'b')
const status = fc.constantFrom('queued', 'running', 'waiting', 'completed')
const wakeAt = fc.constantFrom(null, 1, 2, 3)
const priority = fc.constantFrom(0, 1)
const gone = fc.array(fc.record({ owner, heartbeat: beat }), { maxLength: 2 })
const DEFINITION = { kind: 'agent', name: 'support' } as const

const endOf = (status: string): number | null => (status === 'completed' ? 1 : null)

const entries = fc
  .tuple(
    fc.nat(5),
    fc.nat(3),
    fc.constantFrom('x', 'y', 'z'.repeat(5000)),
    fc.constantFrom('call.returned', 'call.intended'),
  )
  .map(([first, length, result, kind]) =>
    Array.from({ length }, (_, index) => sampleEntry(first + index, { result }, kind)),
  )

const write = fc
  .record({
    runId,
    epoch: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, epoch),
    entries,
    create: fc.option(fc.record({ owner: fc.option(owner), status, wakeAt, priority }), { nil: undefined }),
    row: fc.option(fc.record({ status, wakeAt }), { nil: undefined }),
    consumed: fc.option(fc.array(mark), { nil: undefined }),
    release: fc.option(fc.constantFrom(true as const, 'counted' as const), { nil: undefined }),
    sound: fc.option(fc.constant(true as const), { nil: undefined }),
    next: fc.option(fc.record({ owner: fc.option(owner), entries }), { nil: undefined }),
    to: fc.option(fc.record({ runId, mark }), { nil: undefined }),
  })
  .map(({ runId, epoch, entries, create, row, consumed, release, sound, next, to }): RunWrite => {
    const totals = { ...sampleRow('').totals, turns: entries.length }
    return {
      runId,
      epoch,
      entries,
      ...(release && { release }),
      ...(sound && { sound }),
      ...(create && { create: sampleRow(runId, { ...create, epoch, endedAt: endOf(create.status) }) }),
      ...(row && { row: { ...row, waiting: null, waits: [], endedAt: endOf(row.status), totals } }),
      ...(consumed && { consumed }),
      ...(to && { messages: [sampleMessage(to.runId, to.mark)] }),
      ...(next && {
        begins: [{ row: sampleRow(`${runId}~2`, { root: runId, round: 2, owner: next.owner }), entries: next.entries }],
      }),
    }
  })

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(write, { maxLength: 4 }).map(
      (writes): Step =>
        (store) =>
          store.commit(writes),
    ),
  },
  fc.tuple(runId, owner, epoch, beat, fc.option(beat)).map(
    ([run, owner, epoch, beat, ownerHeartbeat]): Step =>
      (store) =>
        store.claim({ id: run, epoch, ownerHeartbeat }, { owner, heartbeat: beat }),
  ),
  fc.tuple(runId, epoch, write).map(
    ([run, epoch, write]): Step =>
      async (store) =>
        store.transact?.(run, epoch, () => write),
  ),
  fc.tuple(owner, beat).map(
    ([owner, beat]): Step =>
      (store) =>
        store.heartbeat(owner, beat).then(() => undefined),
  ),
  fc
    .record({
      owner,
      beat,
      now: fc.constantFrom(0, 1, 2),
      gone,
      except: fc.subarray(['r1', 'r2']),
      limit: fc.integer({ min: 1, max: 3 }),
      only: fc.constantFrom('sound' as const, 'suspects' as const, undefined),
      order: fc.constantFrom('urgent' as const, 'newest' as const, 'oldest' as const, undefined),
    })
    .map(
      ({ owner, beat, only, order, ...filter }): Step =>
        (store) =>
          store.take(
            { owner, heartbeat: beat },
            { definitions: [DEFINITION], ...filter, ...(only && { only }), ...(order && { order }) },
          ),
    ),
  fc.tuple(runId, mark).map(
    ([run, mark]): Step =>
      (store) =>
        store.send(sampleMessage(run, mark)).catch((error: Error) => error.name),
  ),
)

async function stateOf(store: Store): Promise<unknown> {
  const ids = ['r1', 'r2', 'r3', 'r1~2', 'r2~2', 'r3~2']
  return {
    runs: await store.runs({}),
    entries: await Promise.all(ids.map((id) => store.entries(id))),
    inboxes: await Promise.all(ids.map((id) => store.inbox(id))),
    owners: (await store.owners()).toSorted((a, b) => (a.owner < b.owner ? -1 : 1)),
    owned: [await store.owned('ann'), await store.owned('bob')].map((ids) => ids.toSorted()),
    used: await store.used([...ids, 'nobody']),
    newest: await Promise.all(ids.map((id) => store.newest(id))),
    mail: [await store.mail('ann'), await store.mail('bob')],
  }
}

test('whatever is done to it, SQLite answers and holds what the store in memory does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const stores = [memoryStore(), sqlite(':memory:')] as const
      for (const step of steps) {
        const [expected, found] = await Promise.all(stores.map((store) => step(store)))
        expect(found).toEqual(expected)
      }
      expect(await stateOf(stores[1])).toEqual(await stateOf(stores[0]))
      await stores[1].close()
    }),
  )
})
