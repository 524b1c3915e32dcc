import { describe, expect, test } from 'vitest'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleRow } from './samples.ts'

/** That a store knows a write again whose commit happened though its caller saw an error (fault 6). */
export function standingSuite(bench: Bench): void {
  describe('a write that stands', () => {
    test('counts as written and adds nothing', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.commit([appending('r1', 1, 2)])

      expect(await bench.store.commit([appending('r1', 1, 2)])).toEqual([{ kind: 'written' }])
      expect(await bench.store.entries('r1')).toEqual([0, 1, 2].map((seq) => sampleEntry(seq)))
    })

    test('in part has the rest of it added', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.commit([appending('r1', 1)])

      expect(await bench.store.commit([{ ...appending('r1', 1, 2), release: true }])).toEqual([{ kind: 'written' }])
      expect(await bench.store.entries('r1')).toEqual([0, 1, 2].map((seq) => sampleEntry(seq)))
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { owner: null }))
    })

    test('and began a run counts as written for the owner that began it', async () => {
      await bench.store.commit([beginning('r1')])

      expect(await bench.store.commit([beginning('r1')])).toEqual([{ kind: 'written' }])
      expect(await bench.store.commit([beginning('r1', { owner: 'bob' })])).toEqual([{ kind: 'exists' }])
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
    })

    test('and began a run counts as written for the tenant and the user whose run it is', async () => {
      const whose = { tenant: 'acme', user: 'ann' }
      await bench.store.commit([beginning('r1', whose), beginning('r2')])

      expect(await bench.store.commit([beginning('r1', whose)])).toEqual([{ kind: 'written' }])
      for (const other of [{}, { tenant: 'acme' }, { ...whose, tenant: 'evil' }, { ...whose, user: 'bob' }])
        expect(await bench.store.commit([beginning('r1', other)])).toEqual([{ kind: 'exists' }])
      expect(await bench.store.commit([beginning('r2', whose)])).toEqual([{ kind: 'exists' }])
    })

    test('begins no run in the lineage of another tenant', async () => {
      await bench.store.commit([beginning('r1', { tenant: 'acme' }), beginning('r2')])
      const writes = [
        beginning('a', { lineageId: 'r1', tenant: 'acme' }),
        beginning('b', { lineageId: 'r1' }),
        beginning('c', { lineageId: 'r1', tenant: 'evil' }),
        beginning('d', { lineageId: 'r2', tenant: 'evil' }),
      ]

      expect((await bench.store.commit(writes)).map(({ kind }) => kind)).toEqual([
        'written',
        'exists',
        'exists',
        'exists',
      ])
    })

    test('does not stand with another body', async () => {
      await bench.store.commit([beginning('r1'), appending('r1', 1)])
      const other = { ...appending('r1', 1), entries: [sampleEntry(1, { name: 'find_order', result: 'other' })] }
      const begun = { ...beginning('r1'), entries: [sampleEntry(0, { name: 'find_order', result: 'other' })] }

      expect(await bench.store.commit([other])).toEqual([{ kind: 'stale' }])
      expect(await bench.store.commit([begun])).toEqual([{ kind: 'exists' }])
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
    })

    test.each([{ key: 'agent:2/turn:1' }, { kind: 'call.failed' as const }, { attempt: 2 }, { at: 1 }])(
      'does not stand with %j',
      async (part) => {
        await bench.store.commit([beginning('r1'), appending('r1', 1)])
        const other = { ...appending('r1', 1), entries: [{ ...sampleEntry(1), ...part }] }

        expect(await bench.store.commit([other])).toEqual([{ kind: 'stale' }])
      },
    )

    test('does not put back the row that a later write changed', async () => {
      const { totals } = sampleRow('r1')
      const first = {
        ...appending('r1', 1),
        row: { status: 'waiting', waiting: null, waits: [], wakeAt: null, endedAt: null, totals },
      } as const
      const second = {
        ...appending('r1', 2),
        row: { status: 'completed', waiting: null, waits: [], wakeAt: null, endedAt: 7, totals },
      } as const
      await bench.store.commit([beginning('r1')])
      await bench.store.commit([first])
      await bench.store.commit([second])

      expect(await bench.store.commit([first])).toEqual([{ kind: 'written' }])
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { status: 'completed', endedAt: 7 }))
    })

    test('at an epoch that has passed is stale', async () => {
      await bench.store.commit([beginning('r1'), appending('r1', 1)])
      await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 })

      expect(await bench.store.commit([appending('r1', 1)])).toEqual([{ kind: 'stale' }])
      expect(await bench.store.commit([beginning('r1')])).toEqual([{ kind: 'exists' }])
    })
  })
}
