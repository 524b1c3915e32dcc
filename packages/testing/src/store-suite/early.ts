import { describe, expect, test } from 'vitest'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleMessage } from './samples.ts'

/** Messages for runs that are not there: `sendEarly`, and those that a write leaves for a run that it begins. */
export function earlySuite(bench: Bench): void {
  const leave = (runId: string, dedupe: string, limit = 10, at = 5): Promise<string> =>
    bench.store.sendEarly({ ...sampleMessage(runId, dedupe), at }, limit)

  const marks = async (runId: string): Promise<string[]> => (await bench.store.inbox(runId)).map(({ dedupe }) => dedupe)

  describe('sendEarly', () => {
    test('keeps messages until their run begins, and they lie in its inbox then, in their order', async () => {
      for (const mark of ['b', 'a']) expect(await leave('r1', mark)).toBe('left')
      expect(await leave('r2', 'c')).toBe('left')
      expect(await marks('r1')).toEqual([])
      await bench.store.commit([beginning('r1')])

      expect(await bench.store.inbox('r1')).toEqual([
        { ...sampleMessage('r1', 'b'), at: 5 },
        { ...sampleMessage('r1', 'a'), at: 5 },
      ])
      await bench.store.commit([{ ...appending('r1', 1), consumed: ['b'] }])
      expect(await marks('r1')).toEqual(['a'])
    })

    test('leaves nothing for a run that is there, nor twice, nor more than may wait', async () => {
      await bench.store.commit([beginning('r1')])

      expect(await leave('r1', 'a')).toBe('begun')
      expect([await leave('r2', 'a', 2), await leave('r2', 'a', 2)]).toEqual(['left', 'known'])
      expect([await leave('r2', 'b', 2), await leave('r2', 'c', 2), await leave('r2', 'b', 2)]).toEqual([
        'left',
        'full',
        'known',
      ])
      expect(await marks('r1')).toEqual([])
    })

    test('is for a run of any lineage, also one that begins beside another', async () => {
      for (const run of ['child', 'next']) await leave(run, 'a')
      await bench.store.commit([beginning('root'), beginning('child', { lineageId: 'root', parentId: 'root' })])
      const { create } = beginning('next', { lineageId: 'root', owner: 'ann' })
      if (create)
        await bench.store.commit([{ ...appending('root', 1), begins: [{ row: create, entries: [sampleEntry(0)] }] }])

      expect([await marks('child'), await marks('next')]).toEqual([['a'], ['a']])
      expect(await bench.store.inbox('next')).toMatchObject([{ body: { reason: 'said "a"' } }])
    })

    test('keeps them where the write that would begin their run is refused', async () => {
      await bench.store.commit([beginning('r1')])
      await leave('r2', 'a')
      const { create } = beginning('r2')
      const write = { ...appending('r1', 5), begins: create ? [{ row: create, entries: [sampleEntry(0)] }] : [] }
      expect(await bench.store.commit([write])).toEqual([{ kind: 'stale' }])
      await bench.store.commit([beginning('r2')])

      expect(await marks('r2')).toEqual(['a'])
    })

    test('keeps them no longer than what has ended', async () => {
      await leave('r1', 'old', 10, 99)
      await leave('r1', 'new', 10, 100)
      await leave('r2', 'old', 10, 1)
      expect(await bench.store.gc(100, ['completed'], 10)).toEqual([])
      await bench.store.commit([beginning('r1'), beginning('r2')])

      expect([await marks('r1'), await marks('r2')]).toEqual([['new'], []])
    })

    test('keeps them where a tenant’s runs alone are deleted, since nobody knows whose they will be', async () => {
      await leave('r1', 'old', 10, 1)
      expect(await bench.store.gc(100, ['completed'], 10, 'acme')).toEqual([])
      await bench.store.commit([beginning('r1', { tenant: 'other' })])

      expect(await marks('r1')).toEqual(['old'])
    })

    test('has what was left for an id that had a run before, once that is deleted', async () => {
      await bench.store.commit([beginning('r1', { status: 'completed', endedAt: 1 })])
      expect(await leave('r1', 'a')).toBe('begun')
      await bench.store.gc(2, ['completed'], 10)
      expect(await leave('r1', 'a')).toBe('left')
      await bench.store.gc(3, ['completed'], 10)
      await bench.store.commit([beginning('r1')])

      expect(await bench.store.inbox('r1')).toMatchObject([{ body: { reason: 'said "a"' } }])
    })
  })

  describe('a message of the write that begins its run', () => {
    test('lies in the inbox once the run is there, and is not left where the run was there', async () => {
      const message = sampleMessage('r1', 'a')
      expect(await bench.store.commit([{ ...beginning('r1'), messages: [message] }])).toEqual([{ kind: 'written' }])
      expect(await bench.store.inbox('r1')).toEqual([message])

      const again = { ...beginning('r1', { owner: 'bob' }), messages: [sampleMessage('r1', 'b')] }
      expect(await bench.store.commit([again])).toEqual([{ kind: 'exists' }])
      expect(await marks('r1')).toEqual(['a'])
    })
  })
}
