import { describe, expect, test } from 'vitest'
import type { RunWrite } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from './samples.ts'

/** What `commit` refuses, and that a refusal concerns its run alone. */
export function refusalSuite(bench: Bench): void {
  /** Commits a write between those of two other runs, whose writes stand. */
  const between = async (write: RunWrite): Promise<string | undefined> => {
    const around = ['before', 'after'].map((id) => beginning(`${id}-${write.runId}`))
    const results = await bench.store.commit([around[0] as RunWrite, write, around[1] as RunWrite])
    expect(results[0]).toEqual({ kind: 'written' })
    expect(results[2]).toEqual({ kind: 'written' })
    for (const { runId } of around) expect(await bench.store.entries(runId)).toEqual([sampleEntry(0)])
    return results[1]?.kind
  }

  const change: Partial<RunWrite> = {
    row: { status: 'failed', waiting: null, waits: [], wakeAt: null, endedAt: 5, totals: sampleRow('').totals },
    consumed: ['a'],
    release: true,
  }

  describe('a refused write', () => {
    test('at an epoch that has passed is stale, and leaves the others of its commit', async () => {
      await bench.store.commit([beginning('r1', { epoch: 2 })])
      await bench.store.send(sampleMessage('r1', 'a'))

      expect(await between({ ...appending('r1', 1), ...change, epoch: 1 })).toBe('stale')
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { epoch: 2 }))
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
      expect(await bench.store.inbox('r1')).toEqual([sampleMessage('r1', 'a')])
    })

    test('at an epoch that never was is stale', async () => {
      await bench.store.commit([beginning('r1')])

      expect(await between({ ...appending('r1', 1), epoch: 2 })).toBe('stale')
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
    })

    test('to a run that does not exist is stale', async () => {
      expect(await between(appending('nobody', 0))).toBe('stale')
      expect(await bench.store.run('nobody')).toBeUndefined()
      expect(await bench.store.entries('nobody')).toEqual([])
    })

    test('of its row alone, to a run that has ended, is stale; its owner still releases it', async () => {
      const row = { status: 'completed', waiting: null, waits: [], wakeAt: null, endedAt: 7 } as const
      const { totals } = sampleRow('r1')
      await bench.store.commit([beginning('r1'), { ...appending('r1', 1), row: { ...row, totals } }])
      const rest = { ...row, status: 'waiting', endedAt: null, totals } as const

      expect(await between({ runId: 'r1', epoch: 1, entries: [], row: rest, release: true })).toBe('stale')
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', row))
      expect(await between({ runId: 'r1', epoch: 1, entries: [], release: true })).toBe('written')
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { ...row, owner: null }))
    })

    test('of an id that is there says that it exists, and changes nothing of it', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.send(sampleMessage('r1', 'a'))

      expect(await between({ ...beginning('r1', { owner: 'bob', name: 'other' }), ...change })).toBe('exists')
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
      expect(await bench.store.inbox('r1')).toEqual([sampleMessage('r1', 'a')])
    })

    test('of an id that begins twice in one commit lets the first begin', async () => {
      const results = await bench.store.commit([beginning('r1'), beginning('r1', { owner: 'bob' })])

      expect(results).toEqual([{ kind: 'written' }, { kind: 'exists' }])
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
    })

    test.each([[[3]], [[1, 3]], [[1, 1]], [[2, 1]]])('with the entries %j after entry 0 is stale', async (seqs) => {
      await bench.store.commit([beginning('r1')])

      expect(await between({ ...appending('r1', ...seqs), ...change })).toBe('stale')
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
    })

    test('is followed by a write that goes on where the journal ends', async () => {
      await bench.store.commit([beginning('r1')])
      const results = await bench.store.commit([
        { ...appending('r1', 1), epoch: 9 },
        appending('r1', 2),
        appending('r1', 1),
      ])

      expect(results.map(({ kind }) => kind)).toEqual(['stale', 'stale', 'written'])
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
    })
  })
}
