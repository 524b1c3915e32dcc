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
const gone = fc.subarray(['ann', 'bob'])

const endOf = (status: string): number | null => (status === 'completed' ? 1 : null)

const entries = fc
  .tuple(fc.nat(5), fc.nat(3), fc.constantFrom('x', 'y', 'z'.repeat(5000)))
  .map(([first, length, result]) => Array.from({ length }, (_, index) => sampleEntry(first + index, { result })))

const write = fc
  .record({
    runId,
    epoch: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, epoch),
    entries,
    create: fc.option(fc.record({ owner: fc.option(owner), status, wakeAt, priority }), { nil: undefined }),
    row: fc.option(fc.record({ status, wakeAt }), { nil: undefined }),
    consumed: fc.option(fc.array(mark), { nil: undefined }),
    release: fc.boolean(),
  })
  .map(({ runId, epoch, entries, create, row, consumed, release }): RunWrite => {
    const totals = { ...sampleRow('').totals, turns: entries.length }
    return {
      runId,
      epoch,
      entries,
      ...(release && { release }),
      ...(create && { create: sampleRow(runId, { ...create, epoch, endedAt: endOf(create.status) }) }),
      ...(row && { row: { ...row, waiting: null, endedAt: endOf(row.status), totals } }),
      ...(consumed && { consumed }),
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
  fc.tuple(runId, owner, epoch, beat).map(
    ([run, owner, epoch, beat]): Step =>
      (store) =>
        store.claim({ id: run, epoch, beat }, { owner: owner, beat: beat }),
  ),
  fc.tuple(runId, epoch, write).map(
    ([run, epoch, write]): Step =>
      async (store) =>
        store.transact?.(run, epoch, () => write),
  ),
  fc.tuple(owner, beat).map(
    ([owner, beat]): Step =>
      (store) =>
        store.beat(owner, beat),
  ),
  fc.tuple(fc.constantFrom(0, 1, 2), gone, fc.integer({ min: 1, max: 3 })).map(
    ([now, gone, limit]): Step =>
      (store) =>
        store.ready(now, gone, limit),
  ),
  fc.tuple(runId, mark).map(
    ([run, mark]): Step =>
      (store) =>
        store.send(sampleMessage(run, mark)).catch((error: Error) => error.name),
  ),
)

async function stateOf(store: Store): Promise<unknown> {
  const ids = ['r1', 'r2', 'r3']
  return {
    runs: await store.runs({}),
    entries: await Promise.all(ids.map((id) => store.entries(id))),
    inboxes: await Promise.all(ids.map((id) => store.inbox(id))),
    owners: (await store.owners()).toSorted((a, b) => (a.owner < b.owner ? -1 : 1)),
    ready: await store.ready(2, ['ann', 'bob'], 10),
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
