import { describe, expect, test } from 'vitest'
import type { RunRow } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleMessage, sampleRow } from './samples.ts'

/** Which runs may be taken up: `ready`. */
export function readySuite(bench: Bench): void {
  const begin = (rows: Record<string, Partial<RunRow>>): Promise<unknown> =>
    bench.store.commit(Object.entries(rows).map(([id, rest]) => beginning(id, { owner: null, ...rest })))

  const ready = async (now = 0, gone: string[] = [], limit = 100): Promise<string[]> =>
    (await bench.store.ready(now, gone, limit)).map(({ id }) => id)

  describe('ready', () => {
    test('gives whole rows of what is queued and of what is running', async () => {
      const rows = {
        r1: { owner: null, status: 'queued', kind: 'workflow', parentId: 'r0', parentKey: 'child:1', tags: ['web'] },
        r2: { owner: null, status: 'running', attempts: 3 },
      } as const
      await begin(rows)

      expect(await bench.store.ready(0, [], 10)).toEqual([sampleRow('r1', rows.r1), sampleRow('r2', rows.r2)])
    })

    test('gives what waits for a time once that has come', async () => {
      await begin({
        r1: { status: 'waiting', wakeAt: 100 },
        r2: { status: 'waiting', wakeAt: 101 },
        r3: { status: 'waiting' },
      })

      expect(await ready(99)).toEqual([])
      expect(await ready(100)).toEqual(['r1'])
      expect(await ready(Number.MAX_SAFE_INTEGER)).toEqual(['r1', 'r2'])
    })

    test('gives what waits with a message in its inbox, until that is consumed', async () => {
      await begin({ r1: { status: 'waiting' }, r2: { status: 'waiting', wakeAt: 100 }, r3: { status: 'waiting' } })
      for (const run of ['r2', 'r1']) await bench.store.send(sampleMessage(run, 'a'))
      expect(await ready(99)).toEqual(['r1', 'r2'])

      await bench.store.commit([{ ...appending('r1', 1), consumed: ['a'] }])
      expect(await ready(99)).toEqual(['r2'])
    })

    test('gives a run once, however many reasons there are', async () => {
      await begin({ r1: { status: 'waiting', wakeAt: 100 }, r2: { status: 'queued', wakeAt: 100 } })
      for (const run of ['r1', 'r2']) for (const mark of ['a', 'b']) await bench.store.send(sampleMessage(run, mark))

      expect(await ready(100)).toEqual(['r1', 'r2'])
    })

    test('leaves out what has ended or is in quarantine, whatever lies there for it', async () => {
      await begin({
        r1: { status: 'completed', endedAt: 1, wakeAt: 100 },
        r2: { status: 'failed', endedAt: 1 },
        r3: { status: 'cancelled', endedAt: 0, owner: 'bob' },
        r4: { endedAt: 1 },
        r5: { status: 'quarantined' },
      })
      for (const run of ['r1', 'r2', 'r3', 'r5']) await bench.store.send(sampleMessage(run, 'a'))

      expect(await ready(100, ['bob'])).toEqual([])
    })

    test('leaves out what somebody owns, unless that owner is gone', async () => {
      await begin({
        "nobody's": { status: 'queued' },
        "ann's": { owner: 'ann' },
        "bob's": { owner: 'bob' },
        "bob's due": { owner: 'bob', status: 'waiting', wakeAt: 100 },
        "bob's mail": { owner: 'bob', status: 'waiting' },
        "bob's rest": { owner: 'bob', status: 'waiting' },
        "cy's": { owner: 'c"y', status: 'queued' },
      })
      await bench.store.send(sampleMessage("bob's mail", 'a'))

      expect(await ready(100)).toEqual(["nobody's"])
      expect(await ready(100, ['dee', 'bob'])).toEqual(["nobody's", "bob's", "bob's due", "bob's mail"])
      expect(await ready(100, ['c"y', 'ann'])).toEqual(["nobody's", "ann's", "cy's"])
    })

    test('gives the most urgent first, then the oldest, whatever they wait for, as many as are asked for', async () => {
      await begin({
        z: { status: 'queued' },
        low: { status: 'queued', priority: -1 },
        'high, mail': { status: 'waiting', priority: 7 },
        'due late': { status: 'waiting', wakeAt: 90 },
        high: { status: 'queued', priority: 7 },
        'high, due': { status: 'waiting', wakeAt: 100, priority: 7 },
        'due early': { status: 'waiting', wakeAt: 10, createdAt: 1 },
        a: { owner: 'bob' },
      })
      await bench.store.send(sampleMessage('high, mail', 'a'))
      const all = ['high, mail', 'high', 'high, due', 'z', 'due late', 'due early', 'a', 'low']

      expect(await ready(100, ['bob'])).toEqual(all)
      expect(await ready(100, ['bob'], 5)).toEqual(all.slice(0, 5))
      expect(await ready(100, [], 1)).toEqual(['high, mail'])
    })

    test('follows a run as it is claimed, put to rest, woken and ended', async () => {
      const { totals } = sampleRow('r1')
      const rest = { status: 'waiting', waiting: null, wakeAt: 100, endedAt: null, totals } as const
      await begin({ r1: { status: 'queued' } })
      await bench.store.claim({ id: 'r1', epoch: 1, beat: 0 }, { owner: 'ann', beat: 0 })
      expect(await ready(100)).toEqual([])

      await bench.store.commit([{ ...appending('r1', 1), epoch: 2, row: rest, release: true }])
      expect(await ready(99)).toEqual([])
      expect(await ready(100)).toEqual(['r1'])

      await bench.store.claim({ id: 'r1', epoch: 2, beat: 0 }, { owner: 'ann', beat: 0 })
      const row = { ...rest, status: 'completed', endedAt: 101 } as const
      await bench.store.commit([{ ...appending('r1', 2), epoch: 3, row, release: true }])
      expect(await ready(200)).toEqual([])
    })
  })
}
