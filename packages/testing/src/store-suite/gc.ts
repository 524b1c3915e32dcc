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

    test('deletes what is a tenant’s alone where it is asked for that', async () => {
      const done = { status: 'completed', endedAt: 1 } as const
      await begin({ r1: { ...done, tenant: 'acme' }, r2: { ...done, tenant: 'other' }, r3: done })

      expect(await bench.store.gc(100, ALL, 10, 'acme')).toEqual(['r1'])
      expect(await bench.store.gc(100, ALL, 10, 'nobody')).toEqual([])
      expect(await ids()).toEqual(['r2', 'r3'])
    })

    test('leaves a child as long as its parent is there, and takes it with that', async () => {
      await begin({
        parent: { status: 'waiting' },
        child: { status: 'completed', endedAt: 1, parentId: 'parent', parentKey: 'step:a' },
        orphan: { status: 'completed', endedAt: 1, parentId: 'gone', parentKey: 'step:a' },
      })
      expect(await bench.store.gc(10, ALL, 10)).toEqual(['orphan'])
      expect(await ids()).toEqual(['parent', 'child'])
      const below = (id: string, parentId: string) =>
        [id, { status: 'completed', endedAt: 1, parentId, parentKey: 'step:a' }] as const
      await begin({
        late: { status: 'completed', endedAt: 50 },
        failed: { status: 'failed', endedAt: 2 },
        ...Object.fromEntries([below('late/a', 'late'), below('late/a/b', 'late/a'), below('failed/a', 'failed')]),
      })
      expect(await bench.store.gc(10, ['completed'], 10)).toEqual([])
      expect(await bench.store.gc(10, ALL, 10)).toEqual(['failed/a', 'failed'])
      expect(await bench.store.gc(51, ALL, 2)).toEqual(['late/a/b', 'late/a', 'late'])
      expect(await ids()).toEqual(['parent', 'child'])
    })

    test('takes what is below a run with it, however and whenever that ended, so that both begin anew', async () => {
      await begin({
        r: { status: 'completed', endedAt: 1 },
        'r/a': { status: 'cancelled', endedAt: 500, parentId: 'r', parentKey: 'agent:a', lineageId: 'r' },
        'r/a/b': { status: 'failed', endedAt: 600, parentId: 'r/a', parentKey: 'step:b', lineageId: 'r' },
        'r/a+1': { status: 'waiting', forkOf: 'r/a', forkSeq: 1, lineageId: 'r' },
        s: { status: 'completed', endedAt: 2 },
      })
      expect(await bench.store.gc(10, ['completed'], 1)).toEqual(['r/a/b', 'r/a', 'r'])
      expect(await ids()).toEqual(['r/a+1', 's'])

      const again = [beginning('r'), beginning('r/a', { parentId: 'r', parentKey: 'agent:a', lineageId: 'r' })]
      for (const write of again) expect(await bench.store.commit([write])).toEqual([{ kind: 'written' }])
    })

    test('leaves a run, and all that is below it, as long as one of these has not ended', async () => {
      const done = { status: 'completed', endedAt: 1 } as const
      await begin({
        r: done,
        'r/a': { ...done, parentId: 'r', parentKey: 'step:a' },
        'r/a/b': { status: 'quarantined', parentId: 'r/a', parentKey: 'step:b' },
        'r/c': { ...done, parentId: 'r', parentKey: 'step:c' },
        other: done,
      })
      expect(await bench.store.gc(10, ALL, 10)).toEqual(['other'])
      expect(await ids()).toEqual(['r', 'r/a', 'r/a/b', 'r/c'])
    })

    test('leaves the first of several rounds, and the ten before the newest, as long as that one stays', async () => {
      const round = (n: number, rest: Partial<RunRow> = {}) =>
        [`r~${n}`, { status: 'completed', endedAt: n, root: 'r', round: n, ...rest }] as const
      await begin({
        r: { status: 'completed', endedAt: 1 },
        ...Object.fromEntries([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13].map((n) => round(n))),
        ...Object.fromEntries([round(14, { status: 'waiting', endedAt: null })]),
        other: { status: 'completed', endedAt: 1 },
      })
      expect((await bench.store.gc(100, ALL, 20)).toSorted()).toEqual(['other', 'r~2', 'r~3'])
      expect(await bench.store.gc(100, ALL, 20)).toEqual([])
      expect(await bench.store.newest('r')).toMatchObject({ id: 'r~14' })
      const [last] = await bench.store.runs({ status: 'waiting' })
      expect(last).toMatchObject({ id: 'r~14' })
    })

    test('leaves them also where the newest has ended, and stays by its time or by how it stands', async () => {
      await begin({
        r: { status: 'completed', endedAt: 1 },
        'r~2': { status: 'completed', endedAt: 100, root: 'r', round: 2 },
        s: { status: 'completed', endedAt: 1 },
        's~2': { status: 'failed', endedAt: 2, root: 's', round: 2 },
      })
      expect(await bench.store.gc(100, ['completed'], 10)).toEqual([])
      expect((await bench.store.gc(101, ALL, 10)).toSorted()).toEqual(['r', 'r~2', 's', 's~2'])
      expect(await ids()).toEqual([])
    })

    test('takes all of several rounds with the newest, however and whenever they ended, unless one below them has not', async () => {
      const below = { parentKey: 'step:a' } as const
      const child = { status: 'cancelled', endedAt: 900, ...below } as const
      await begin({
        r: { status: 'completed', endedAt: 1 },
        'r/a': { ...child, parentId: 'r' },
        // By a clock that is ahead.
        'r~2': { status: 'completed', endedAt: 500, root: 'r', round: 2 },
        'r~2/a': { ...child, parentId: 'r~2' },
        'r~3': { status: 'failed', endedAt: 3, root: 'r', round: 3 },
        s: { status: 'completed', endedAt: 1 },
        's/a': { status: 'running', parentId: 's', ...below },
        's~2': { status: 'failed', endedAt: 3, root: 's', round: 2 },
      })
      expect(await bench.store.gc(10, ['failed'], 10)).toEqual(['r~3', 'r~2/a', 'r~2', 'r/a', 'r'])
      expect(await ids()).toEqual(['s', 's/a', 's~2'])
    })

    test('takes a round that is long over with what is below it, unless that has not ended', async () => {
      const round = (n: number, rest: Partial<RunRow> = {}) =>
        [`r~${n}`, { status: 'completed', endedAt: n, root: 'r', round: n, ...rest }] as const
      await begin({
        r: { status: 'completed', endedAt: 1 },
        ...Object.fromEntries([round(2), round(3), round(14, { status: 'waiting', endedAt: null })]),
        'r~2/a': { status: 'waiting', parentId: 'r~2', parentKey: 'step:a' },
        'r~3/a': { status: 'failed', endedAt: 900, parentId: 'r~3', parentKey: 'step:a' },
      })
      expect(await bench.store.gc(10, ['completed'], 20)).toEqual(['r~3/a', 'r~3'])
      expect(await ids()).toEqual(['r', 'r~2', 'r~14', 'r~2/a'])
    })

    test('deletes a session with all that came of it, once all of it has ended by then', async () => {
      const of = (sessionId: string, turn: number, rest: Partial<RunRow> = {}): Partial<RunRow> => ({
        status: 'completed',
        sessionId,
        turn,
        lineageId: `session ${sessionId}`,
        endedAt: turn,
        ...rest,
      })
      const rest = { status: 'completed', lineageId: 'session s' } as const
      await begin({
        's/1': of('s', 1),
        's/1/child': { ...rest, parentId: 's/1', parentKey: 'k', endedAt: 1 },
        fork: { ...rest, forkOf: 's/1', forkSeq: 2, endedAt: 50 },
        's/2': of('s', 2, { status: 'failed' }),
        't/1': of('t', 1),
        't-fork': { status: 'completed', lineageId: 'session t', forkOf: 't/1', forkSeq: 2, endedAt: 1 },
        's/3': of('s', 3),
        't/2': of('t', 2, { status: 'waiting', endedAt: null }),
        'u/1': of('u', 1),
        'u/2': of('u', 2, { status: 'cancelled' }),
      })
      // The fork ended later; of another not all has ended; of a third the newest turn stands otherwise.
      expect(await bench.store.gc(50, ['completed'], 10)).toEqual([])
      expect((await bench.store.gc(51, ['completed'], 10)).toSorted()).toEqual([
        'fork',
        's/1',
        's/1/child',
        's/2',
        's/3',
      ])
      expect(await bench.store.gc(51, ALL, 1)).toEqual(['u/2', 'u/1'])
      expect(await ids()).toEqual(['t/1', 't-fork', 't/2'])
      expect(await bench.store.commit([beginning('s/1', of('s', 1))])).toEqual([{ kind: 'written' }])
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
