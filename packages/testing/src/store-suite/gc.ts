import { describe, expect, test } from 'vitest'
import type { RunRow } from '@reprise/core'
import type { Bench } from './bench.ts'
import { beginning, sampleEntry, sampleMessage } from './samples.ts'

const ALL = ['completed', 'failed', 'cancelled'] as const

/** Cleaning up: `gc`. */
export function gcSuite(bench: Bench): void {
  const begin = (rows: Record<string, Partial<RunRow>>): Promise<unknown> =>
    bench.store.commit(Object.entries(rows).map(([id, rest]) => beginning(id, rest)))
  const ids = async (): Promise<string[]> => (await bench.store.runs({})).map(({ id }) => id)

  describe('gc', () => {
    test('deletes what ended before the moment and stands so, whole, the oldest first and no more than is asked for', async () => {
      await begin({
        late: { status: 'completed', endedAt: 100 },
        r1: { status: 'completed', endedAt: 99 },
        failed: { status: 'failed', endedAt: 1 },
        running: {},
        waiting: { status: 'waiting' },
        quarantined: { status: 'quarantined' },
        r2: { status: 'cancelled', endedAt: 2 },
        r3: { status: 'completed', endedAt: 3 },
      })
      await bench.store.send(sampleMessage('r1', 'a'))
      expect(await bench.store.gc(100, ['completed', 'cancelled'], 2)).toEqual(['r1', 'r2'])
      expect(await bench.store.gc(100, ['completed', 'cancelled'], 2)).toEqual(['r3'])
      expect(await bench.store.gc(100, ['completed', 'cancelled'], 2)).toEqual([])

      expect(await ids()).toEqual(['late', 'failed', 'running', 'waiting', 'quarantined'])
      expect(await bench.store.run('r1')).toBeUndefined()
      expect(await bench.store.entries('r1')).toEqual([])
      expect(await bench.store.inbox('r1')).toEqual([])
    })

    test('leaves a child as long as its parent has not ended', async () => {
      await begin({
        parent: { status: 'waiting' },
        child: { status: 'completed', endedAt: 1, parentId: 'parent', parentKey: 'step:a' },
        orphan: { status: 'completed', endedAt: 1, parentId: 'gone', parentKey: 'step:a' },
      })
      expect(await bench.store.gc(10, ALL, 10)).toEqual(['orphan'])
      expect(await ids()).toEqual(['parent', 'child'])
    })

    test('leaves to others what they say at length as well, and lets the id begin anew', async () => {
      const long = { name: 'find_order', result: 'abc '.repeat(5_000) }
      const say = (id: string, rest: Partial<RunRow>) => ({ ...beginning(id, rest), entries: [sampleEntry(0, long)] })
      await bench.store.commit([say('r1', { status: 'completed', endedAt: 1 }), say('r2', {})])
      expect(await bench.store.gc(10, ALL, 10)).toEqual(['r1'])

      expect(await bench.store.entries('r2')).toEqual([sampleEntry(0, long)])
      expect(await bench.store.commit([say('r1', {})])).toEqual([{ kind: 'written' }])
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0, long)])
    })
  })
}
