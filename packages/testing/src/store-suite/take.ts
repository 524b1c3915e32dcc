import { describe, expect, test } from 'vitest'
import { type OwnerHeartbeat, type RunRow, SUSPECT_FROM, type TakeFilter } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleMessage, sampleRow } from './samples.ts'

const DEE = { owner: 'dee', heartbeat: 5 }
const BOB: OwnerHeartbeat = { owner: 'bob', heartbeat: 0 }
const SUPPORT = { kind: 'agent', name: 'support' } as const

/** Which runs may be taken up, and that they are: `take`. */
export function takeSuite(bench: Bench): void {
  const begin = (rows: Record<string, Partial<RunRow>>): Promise<unknown> =>
    bench.store.commit(Object.entries(rows).map(([id, rest]) => beginning(id, { owner: null, ...rest })))

  const rowsTaken = (filter: Partial<TakeFilter> = {}): Promise<readonly RunRow[]> =>
    bench.store.take(DEE, { now: 0, gone: [], definitions: [SUPPORT], except: [], limit: 100, ...filter })

  const take = async (filter: Partial<TakeFilter> = {}): Promise<string[]> =>
    (await rowsTaken(filter)).map(({ id }) => id)

  describe('take', () => {
    test('gives whole rows of what is queued and of what is running, to the taker at the next epoch', async () => {
      const rows = {
        r1: { owner: null, status: 'queued', parentId: 'r0', parentKey: 'child:1', tags: ['web'], attempts: 0 },
        r2: { owner: null, status: 'running', attempts: 3, epoch: 7 },
      } as const
      await begin(rows)
      const expected = [
        sampleRow('r1', { ...rows.r1, owner: 'dee', epoch: 2, attempts: 1 }),
        sampleRow('r2', { ...rows.r2, owner: 'dee', epoch: 8, attempts: 1 }),
      ]

      expect(await rowsTaken()).toEqual(expected)
      expect([await bench.store.run('r1'), await bench.store.run('r2')]).toEqual(expected)
      expect(await bench.store.owners()).toEqual([DEE])
      expect(await take()).toEqual([])
    })

    test('gives what is a tenant’s alone where it is asked for that', async () => {
      const gone = { owner: 'bob', heartbeat: 0 }
      const due = { status: 'waiting', wakeAt: 0 } as const
      await begin({
        queued: { status: 'queued', tenant: 'acme' },
        due: { ...due, tenant: 'acme' },
        owned: { owner: 'bob', tenant: 'acme' },
        mailed: { status: 'waiting', tenant: 'acme' },
        other: { status: 'queued', tenant: 'other', priority: 9 },
        'other, due': { ...due, tenant: 'other' },
        'other, owned': { owner: 'bob', tenant: 'other' },
        'other, mailed': { status: 'waiting', tenant: 'other' },
        'of nobody': { status: 'queued' },
      })
      for (const id of ['mailed', 'other, mailed']) await bench.store.send(sampleMessage(id, 'a'))

      expect(await take({ tenant: 'nobody', gone: [gone] })).toEqual([])
      expect(await take({ tenant: 'acme', gone: [gone] })).toEqual(['queued', 'due', 'owned', 'mailed'])
      expect(await take({ tenant: 'acme', gone: [gone] })).toEqual([])
      expect(await take({ order: 'newest', tenant: 'other' })).toEqual(['other, mailed', 'other, due', 'other'])
    })

    test('shuts the owner before out, lets the new one write, and counts as a claim does', async () => {
      await begin({ r1: { owner: 'bob' } })
      const before = await bench.store.heartbeat('bob', 0)
      expect(await rowsTaken({ gone: [BOB] })).toMatchObject([{ id: 'r1', epoch: 2, attempts: 2 }])

      expect(await bench.store.commit([appending('r1', 1)])).toEqual([{ kind: 'stale' }])
      expect(await bench.store.commit([{ ...appending('r1', 1), epoch: 2 }])).toEqual([{ kind: 'written' }])
      expect(await bench.store.heartbeat('bob', 1)).not.toBe(before)
    })

    test.each([
      [99, []],
      [100, ['r1']],
      [Number.MAX_SAFE_INTEGER, ['r1', 'r2']],
    ])('gives what waits for a time once that has come: at %d', async (now, expected) => {
      await begin({
        r1: { status: 'waiting', wakeAt: 100 },
        r2: { status: 'waiting', wakeAt: 101 },
        r3: { status: 'waiting' },
      })

      expect(await take({ now })).toEqual(expected)
    })

    test('gives what waits with a message in its inbox, unless that was consumed', async () => {
      await begin({ r1: { status: 'waiting' }, r2: { status: 'waiting', wakeAt: 100 }, r3: { status: 'waiting' } })
      for (const run of ['r2', 'r1']) await bench.store.send(sampleMessage(run, 'a'))
      await bench.store.commit([{ ...appending('r1', 1), consumed: ['a'] }])

      expect(await take({ now: 99 })).toEqual(['r2'])
    })

    test('gives what was interrupted when its time has come, and not for a message', async () => {
      const error = { code: 'no_key', message: 'There is no key.' }
      const waiting = { kind: 'interrupted', key: 'run', error, until: 100, times: 1, mendable: true } as const
      await begin({ r1: { status: 'waiting', waiting, waits: [waiting], wakeAt: 100 } })
      await bench.store.send(sampleMessage('r1', 'a'))

      expect(await take({ now: 99 })).toEqual([])
      expect(await take({ now: 100 })).toEqual(['r1'])
    })

    test('gives a run once, however many reasons there are', async () => {
      await begin({ r1: { status: 'waiting', wakeAt: 100 }, r2: { status: 'queued', wakeAt: 100 } })
      for (const run of ['r1', 'r2']) for (const mark of ['a', 'b']) await bench.store.send(sampleMessage(run, mark))

      expect(await rowsTaken({ now: 100 })).toMatchObject([
        { id: 'r1', epoch: 2 },
        { id: 'r2', epoch: 2 },
      ])
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

      expect(await take({ now: 100, gone: [BOB] })).toEqual([])
    })

    test.each([
      [[], ["nobody's"]],
      [
        [{ owner: 'dee', heartbeat: 0 }, BOB],
        ["nobody's", "bob's", "bob's due", "bob's mail"],
      ],
      [
        [
          { owner: 'c"y', heartbeat: 0 },
          { owner: 'ann', heartbeat: 0 },
        ],
        ["nobody's", "ann's", "cy's"],
      ],
      [
        [
          { owner: 'bob', heartbeat: 4 },
          { owner: 'ann', heartbeat: 0 },
        ],
        ["nobody's", "ann's"],
      ],
    ])('leaves out what somebody owns, unless that owner is gone, and has not beaten since: %j', async (gone, free) => {
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

      expect(await take({ now: 100, gone })).toEqual(free)
    })

    test('gives nothing of what the taker does not have, nor of what it leaves alone, however much stands in front', async () => {
      const others = Array.from({ length: 300 }, (_, index) =>
        beginning(`other ${index}`, {
          owner: index % 3 ? null : 'bob',
          status: index % 2 ? 'queued' : 'waiting',
          wakeAt: 50,
          priority: 1,
          ...(index % 5 ? { name: 'other' } : { kind: 'workflow' }),
        }),
      )
      await bench.store.commit(others)
      await begin({ left: {}, 'left, due': { status: 'waiting', wakeAt: 1 }, mine: {}, agreed: { name: 'sales' } })
      const definitions = [SUPPORT, { kind: 'agent', name: 'sales' } as const]
      const except = ['left', 'left, due', 'nobody']

      expect(await take({ now: 100, gone: [BOB], definitions, except, limit: 1 })).toEqual(['mine'])
      expect(await take({ now: 100, gone: [BOB], definitions, except })).toEqual(['agreed'])
      expect(await take({ now: 100, gone: [BOB], definitions: [] })).toEqual([])
      expect(await take({ now: 100 })).toEqual(['left', 'left, due'])
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
        sold: { name: 'sales', priority: 6 },
        a: { owner: 'bob' },
      })
      await bench.store.send(sampleMessage('high, mail', 'a'))
      const definitions = [SUPPORT, { kind: 'agent', name: 'sales' } as const]
      const next = (limit: number): Promise<string[]> => take({ now: 100, gone: [BOB], definitions, limit })

      expect(await next(1)).toEqual(['high, mail'])
      expect(await next(5)).toEqual(['high', 'high, due', 'sold', 'z', 'due late'])
      expect(await next(9)).toEqual(['due early', 'a', 'low'])
    })

    test('gives the sound alone, or the suspects alone: those with the fewest attempts, then the newest', async () => {
      await begin({
        new: { status: 'queued', attempts: 0 },
        few: { owner: 'bob', attempts: SUSPECT_FROM - 1 },
        many: { owner: 'bob', attempts: SUSPECT_FROM + 1, priority: 5 },
        old: { owner: 'bob', attempts: SUSPECT_FROM, priority: 9 },
        late: { owner: 'bob', attempts: SUSPECT_FROM, status: 'waiting', wakeAt: 1 },
        'given back': { attempts: SUSPECT_FROM },
        'given up': { attempts: SUSPECT_FROM },
      })
      await bench.store.commit([{ runId: 'given up', epoch: 1, entries: [], release: 'counted' }])
      const filter = { now: 1, gone: [BOB] }

      expect(await take({ ...filter, only: 'suspects', limit: 1 })).toEqual(['given up'])
      expect(await take({ ...filter, only: 'sound' })).toEqual(['new', 'few', 'given back'])
      expect(await rowsTaken({ ...filter, only: 'suspects' })).toMatchObject([
        { id: 'late', attempts: SUSPECT_FROM + 1 },
        { id: 'old' },
        { id: 'many' },
      ])
    })

    test('gives the newest first where that is asked for, however urgent the others are', async () => {
      await begin({
        urgent: { status: 'queued', priority: 9 },
        first: { status: 'queued' },
        due: { status: 'waiting', wakeAt: 1 },
        last: { status: 'queued', priority: -1 },
        "bob's": { owner: 'bob' },
      })
      const filter = { now: 1, gone: [BOB], order: 'newest' } as const

      expect(await take({ ...filter, limit: 3 })).toEqual(["bob's", 'last', 'due'])
      expect(await take({ ...filter, only: 'sound' })).toEqual(['first', 'urgent'])
    })

    test('follows a run as it is taken, put to rest, woken and ended', async () => {
      const { totals } = sampleRow('r1')
      const rest = { status: 'waiting', waiting: null, waits: [], wakeAt: 100, endedAt: null, totals } as const
      await begin({ r1: { status: 'queued' } })
      expect(await take({ now: 100 })).toEqual(['r1'])
      expect(await take({ now: 100 })).toEqual([])

      await bench.store.commit([{ ...appending('r1', 1), epoch: 2, row: rest, release: true }])
      expect(await take({ now: 99 })).toEqual([])
      expect(await take({ now: 100 })).toEqual(['r1'])

      const row = { ...rest, status: 'completed', endedAt: 101 } as const
      await bench.store.commit([{ ...appending('r1', 2), epoch: 3, row, release: true }])
      expect(await take({ now: 200 })).toEqual([])
    })
  })
}
