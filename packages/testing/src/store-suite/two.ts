import { describe, expect, test } from 'vitest'
import type { Store } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from './samples.ts'

/** What holds across a restart, and between two processes on the same runs. */
export function twoSuite(bench: Bench): void {
  describe('opened twice', () => {
    test('what was committed is there after the store was closed', async () => {
      const long = sampleEntry(1, { result: 'x'.repeat(9000) })
      await bench.store.commit([beginning('r1'), { runId: 'r1', epoch: 1, entries: [long] }])
      await bench.store.send(sampleMessage('r1', 'a'))
      await bench.store.close()
      const store = await bench.again()

      expect(await store.run('r1')).toEqual(sampleRow('r1'))
      expect(await store.entries('r1')).toEqual([sampleEntry(0), long])
      expect(await store.inbox('r1')).toEqual([sampleMessage('r1', 'a')])
      expect(await store.commit([appending('r1', 2)])).toEqual([{ kind: 'written' }])
    })

    test('a write that stands is known after the store was closed', async () => {
      await bench.store.commit([beginning('r1'), appending('r1', 1, 2)])
      await bench.store.close()
      const store = await bench.again()

      expect(await store.commit([appending('r1', 2, 3)])).toEqual([{ kind: 'written' }])
      expect(await store.commit([beginning('r1')])).toEqual([{ kind: 'written' }])
      expect(await store.entries('r1')).toEqual([0, 1, 2, 3].map((seq) => sampleEntry(seq)))
    })

    test('one writes what the other reads', async () => {
      const other = await bench.again()
      await bench.store.commit([beginning('r1')])
      await other.send(sampleMessage('r1', 'a'))

      expect(await other.run('r1')).toEqual(sampleRow('r1'))
      expect(await bench.store.mail('ann')).toEqual(['r1'])
    })

    test('what one erases, the other does not read, nor go on with, nor begin anything of', async () => {
      const ended = { status: 'completed', endedAt: 5, owner: null } as const
      const other = await bench.again()
      await bench.store.commit([beginning('r1', ended)])
      expect(await other.entries('r1')).toEqual([sampleEntry(0)])
      expect(await other.commit([beginning('r1/a', { ...ended, lineageId: 'r1' })])).toEqual([{ kind: 'written' }])
      await bench.store.erase('r1', 'ana', 7)

      await expect(other.entries('r1')).rejects.toMatchObject({ code: 'run_erased' })
      expect(
        await other.commit([
          beginning('r1'),
          beginning('r1/b', { lineageId: 'r1' }),
          appending('r1/a', 1),
          beginning('r2'),
        ]),
      ).toEqual([{ kind: 'exists' }, { kind: 'exists' }, { kind: 'stale' }, { kind: 'written' }])
    })

    test('a claim by one shuts the other out, until it claims in turn and goes on', async () => {
      const other = await bench.again()
      await bench.store.commit([beginning('r1'), appending('r1', 1)])
      await other.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 })

      expect(await bench.store.commit([appending('r1', 2)])).toEqual([{ kind: 'stale' }])
      expect(await other.commit([{ ...appending('r1', 2), epoch: 2 }])).toEqual([{ kind: 'written' }])

      await bench.store.claim({ id: 'r1', epoch: 2, ownerHeartbeat: 0 }, { owner: 'ann', heartbeat: 0 })
      expect(await other.commit([{ ...appending('r1', 3), epoch: 2 }])).toEqual([{ kind: 'stale' }])
      expect(await bench.store.commit([{ ...appending('r1', 3), epoch: 3 }])).toEqual([{ kind: 'written' }])
      expect(await bench.store.entries('r1')).toEqual([0, 1, 2, 3].map((seq) => sampleEntry(seq)))
    })

    test('a run that one queues or wakes by a message is taken by the other, and by one alone', async () => {
      const other = await bench.again()
      await bench.store.commit([
        beginning('queued', { status: 'queued', owner: null }),
        beginning('waiting', { status: 'waiting', owner: null }),
      ])
      const definitions = [{ kind: 'agent', name: 'support' } as const]
      const take = async (store: Store, owner: string): Promise<string[]> =>
        (await store.take({ owner, heartbeat: 0 }, { now: 0, gone: [], definitions, except: [], limit: 10 })).map(
          ({ id }) => id,
        )
      expect(await take(other, 'bob')).toEqual(['queued'])
      expect(await take(bench.store, 'ann')).toEqual([])

      await bench.store.send(sampleMessage('waiting', 'a'))
      expect(await take(other, 'bob')).toEqual(['waiting'])
      expect(await take(bench.store, 'ann')).toEqual([])
      expect(await bench.store.owners()).toEqual([{ owner: 'bob', heartbeat: 0 }])
    })

    test('an id begins once, and one claim of two wins', async () => {
      const stores = [bench.store, await bench.again()]
      const begun = await Promise.all(
        stores.map((store, index) => store.commit([beginning('r1', { owner: `o${index}` })])),
      )
      const claimed = await Promise.all(
        stores.map((store, index) =>
          store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: `o${index}`, heartbeat: 0 }),
        ),
      )

      expect(
        begun
          .flat()
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual(['exists', 'written'])
      expect(claimed.filter((row) => row !== undefined)).toHaveLength(1)
    })
  })
}
