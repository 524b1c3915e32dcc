import { describe, expect, test } from 'vitest'
import type { RunFilter } from '@reprise/core'
import type { Bench } from './bench.ts'
import { beginning, sampleEntry, sampleRow } from './samples.ts'

/** How runs are listed. */
export function runsSuite(bench: Bench): void {
  const listed = async (filter: RunFilter): Promise<string[]> => (await bench.store.runs(filter)).map(({ id }) => id)

  describe('runs', () => {
    test('gives whole rows in the order of their creation', async () => {
      await bench.store.commit([beginning('z'), beginning('a', { createdAt: 5, tags: ['web'] })])
      await bench.store.commit([beginning('m')])

      expect(await bench.store.runs({})).toEqual([
        sampleRow('z'),
        sampleRow('a', { createdAt: 5, tags: ['web'] }),
        sampleRow('m'),
      ])
      expect(await bench.store.run('nobody')).toBeUndefined()
    })

    test('gives what the row of a run that begins leaves out: the first round, and one thing to wait for', async () => {
      const waiting = { kind: 'timer', key: 'sleep', until: 7 } as const
      const { root: _, round: __, waits: ___, ...create } = sampleRow('r1', { status: 'waiting', waiting, wakeAt: 7 })
      await bench.store.commit([{ runId: 'r1', epoch: 1, create, entries: [sampleEntry(0)] }])

      expect(await bench.store.run('r1')).toEqual({ ...create, root: 'r1', round: 1, waits: [waiting] })
      expect((await bench.store.newest('r1'))?.id).toBe('r1')
    })

    test('filters by status, name and tag, by all that are given', async () => {
      await bench.store.commit([
        beginning('r1', { tags: ['web', 'vip'] }),
        beginning('r2', { status: 'completed', endedAt: 1, tags: ['web'] }),
        beginning('r3', { name: 'billing', tags: ['we', 'web '] }),
        beginning('r4', { name: 'billing', status: 'completed', endedAt: 1, tags: ['"web"'] }),
      ])

      expect(await listed({ status: 'running' })).toEqual(['r1', 'r3'])
      expect(await listed({ name: 'billing' })).toEqual(['r3', 'r4'])
      expect(await listed({ tag: 'web' })).toEqual(['r1', 'r2'])
      expect(await listed({ tag: 'web', status: 'completed' })).toEqual(['r2'])
      expect(await listed({ name: 'billing', status: 'completed', tag: '"web"' })).toEqual(['r4'])
      expect(await listed({ status: 'cancelled' })).toEqual([])
    })

    test('filters by whose runs they are, within whatever else is asked for', async () => {
      const [acme, ann] = [{ tenant: 'acme' }, { user: 'ann' }]
      await bench.store.commit([
        beginning('r1', { ...acme, ...ann, tags: ['web'] }),
        beginning('r2', { ...acme, parentId: 'r1', parentKey: 'k' }),
        beginning('r3', { ...ann, parentId: 'r1', parentKey: 'l' }),
        beginning('r4', { ...acme, ...ann, status: 'completed', endedAt: 1 }),
        beginning('r5', { tenant: 'ACME', user: 'ann ', tags: ['web'] }),
      ])

      expect(await listed(acme)).toEqual(['r1', 'r2', 'r4'])
      expect(await listed(ann)).toEqual(['r1', 'r3', 'r4'])
      expect(await listed({ ...acme, ...ann })).toEqual(['r1', 'r4'])
      expect(await listed({ ...acme, order: 'newest', limit: 2 })).toEqual(['r4', 'r2'])
      expect(await listed({ ...acme, after: 'r1', limit: 1 })).toEqual(['r2'])
      expect(await listed({ ...acme, status: 'completed' })).toEqual(['r4'])
      expect(await listed({ ...ann, tag: 'web' })).toEqual(['r1'])
      expect(await listed({ ...acme, parentId: 'r1' })).toEqual(['r2'])
      expect(await listed({ tenant: 'nobody' })).toEqual([])
    })

    test('gives the children of a run', async () => {
      const child = { parentId: 'r1', parentKey: 'agent:1' }
      await bench.store.commit([
        beginning('r1'),
        beginning('c2', child),
        beginning('r2'),
        beginning('c1', { ...child, name: 'billing' }),
        beginning('of-child', { ...child, parentId: 'c1' }),
      ])

      expect(await listed({ parentId: 'r1' })).toEqual(['c2', 'c1'])
      expect(await listed({ parentId: 'r1', after: 'c2' })).toEqual(['c1'])
      expect(await listed({ parentId: 'r1', name: 'support' })).toEqual(['c2'])
      expect(await listed({ parentId: 'r2' })).toEqual([])
      expect(await listed({ parentId: 'nobody' })).toEqual([])
    })

    test('gives the forks of a run, also when that is gone', async () => {
      const fork = { lineageId: 'r1', forkOf: 'r1', forkSeq: 1 }
      await bench.store.commit([
        beginning('r1', { status: 'completed', endedAt: 1 }),
        beginning('f2', { ...fork, tags: ['web'] }),
        beginning('r2'),
        beginning('f1', { ...fork, name: 'billing' }),
        beginning('of-fork', { ...fork, forkOf: 'f1' }),
      ])

      for (let times = 0; times < 2; times++) {
        expect(await listed({ forkOf: 'r1' })).toEqual(['f2', 'f1'])
        expect(await listed({ forkOf: 'r1', after: 'f2' })).toEqual(['f1'])
        expect(await listed({ forkOf: 'r1', tag: 'web' })).toEqual(['f2'])
        expect(await listed({ forkOf: 'f1' })).toEqual(['of-fork'])
        expect(await listed({ forkOf: 'r2' })).toEqual([])
        await bench.store.gc(2, ['completed'], 10)
      }
    })

    test('gives the turns of a session, and nothing that came of them', async () => {
      const turn = (id: string, turn: number, rest = {}) =>
        beginning(id, { sessionId: 's', turn, lineageId: 'session s', ...rest })
      await bench.store.commit([
        turn('one', 1),
        beginning('child', { parentId: 'one', parentKey: 'k', lineageId: 'session s' }),
        turn('two', 2, { tenant: 'acme', status: 'completed', endedAt: 1 }),
        beginning('other', { sessionId: 't', turn: 1, lineageId: 'session t' }),
        turn('three', 3, { tenant: 'acme', tags: ['web'] }),
      ])

      expect(await listed({ sessionId: 's' })).toEqual(['one', 'two', 'three'])
      expect(await listed({ sessionId: 's', order: 'newest', limit: 1 })).toEqual(['three'])
      expect(await listed({ sessionId: 's', after: 'one', tenant: 'acme' })).toEqual(['two', 'three'])
      expect(await listed({ sessionId: 's', tag: 'web' })).toEqual(['three'])
      expect(await listed({ sessionId: 's', status: 'completed' })).toEqual(['two'])
      expect(await listed({ sessionId: 'nobody' })).toEqual([])
    })

    test('follows a status that changes', async () => {
      await bench.store.commit([beginning('r1'), beginning('r2')])
      const { totals } = sampleRow('r1')
      const row = { status: 'failed', waiting: null, waits: [], wakeAt: null, endedAt: 1, totals } as const
      await bench.store.commit([{ runId: 'r1', epoch: 1, entries: [], row }])

      expect(await listed({ status: 'failed' })).toEqual(['r1'])
      expect(await listed({ status: 'running' })).toEqual(['r2'])
    })

    test('gives pages after a run, whether or not that run passes the filter', async () => {
      await bench.store.commit(
        Array.from({ length: 120 }, (_, i) => beginning(`r${i}`, { name: i % 2 ? 'odd' : 'even' })),
      )

      expect(await listed({})).toHaveLength(100)
      expect(await listed({ limit: 2 })).toEqual(['r0', 'r1'])
      expect(await listed({ limit: 2, after: 'r1' })).toEqual(['r2', 'r3'])
      expect(await listed({ limit: 2, after: 'r0', name: 'odd' })).toEqual(['r1', 'r3'])
      expect(await listed({ limit: 1000, after: 'r117' })).toEqual(['r118', 'r119'])
      expect(await listed({ after: 'r119' })).toEqual([])
    })

    test('gives the newest first where that is asked for, a page at a time', async () => {
      await bench.store.commit(
        Array.from({ length: 6 }, (_, i) => beginning(`r${i}`, { name: i % 2 ? 'odd' : 'even', tags: ['web'] })),
      )

      expect(await listed({ order: 'newest' })).toEqual(['r5', 'r4', 'r3', 'r2', 'r1', 'r0'])
      expect(await listed({ order: 'newest', limit: 2, after: 'r4' })).toEqual(['r3', 'r2'])
      expect(await listed({ order: 'newest', name: 'odd', tag: 'web', after: 'r4' })).toEqual(['r3', 'r1'])
      expect(await listed({ order: 'newest', after: 'r0' })).toEqual([])
      expect(await listed({ order: 'oldest', limit: 2 })).toEqual(['r0', 'r1'])
    })

    test('gives what was created from a moment on, and before another', async () => {
      // Clocks of several processes differ: the order of creation is that of the writes.
      await bench.store.commit([1, 5, 3, 9].map((createdAt) => beginning(`at-${createdAt}`, { createdAt })))

      expect(await listed({ createdFrom: 3 })).toEqual(['at-5', 'at-3', 'at-9'])
      expect(await listed({ createdBefore: 5 })).toEqual(['at-1', 'at-3'])
      expect(await listed({ createdFrom: 3, createdBefore: 9, order: 'newest' })).toEqual(['at-3', 'at-5'])
      expect(await listed({ createdFrom: 10 })).toEqual([])
    })

    test('refuses to go on after a run that does not exist', async () => {
      await expect(bench.store.runs({ after: 'nobody' })).rejects.toMatchObject({
        name: 'StoreError',
        code: 'store_no_run',
        details: { runId: 'nobody' },
      })
    })
  })
}
