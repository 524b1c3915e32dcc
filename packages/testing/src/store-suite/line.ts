import { describe, expect, test } from 'vitest'
import type { OwnerHeartbeat, RunRow, TakeFilter } from '@reprise/core'
import type { Bench } from './bench.ts'
import { beginning, sampleMessage, sampleRow } from './samples.ts'

const DEE = { owner: 'dee', heartbeat: 5 }
const BOB: OwnerHeartbeat = { owner: 'bob', heartbeat: 0 }
const SUPPORT = { kind: 'agent', name: 'support' } as const
const QUEUED = { owner: null, status: 'queued' } as const
const ONE = { key: 'ann', limit: 1 }

/** What runs may be queued with: `take`, `claim` and `overdue`. */
export function lineSuite(bench: Bench): void {
  const begin = (rows: Record<string, Partial<RunRow>>): Promise<unknown> =>
    bench.store.commit(Object.entries(rows).map(([id, rest]) => beginning(id, { ...QUEUED, ...rest })))

  const take = async (filter: Partial<TakeFilter> = {}): Promise<string[]> => {
    const all = { now: 0, gone: [], definitions: [SUPPORT], except: [], limit: 100, ...filter }
    return (await bench.store.take(DEE, all)).map(({ id }) => id)
  }

  /** Lets go of a run of dee's, or ends it. */
  const leave = (runId: string, to: 'running' | 'waiting' | 'completed', epoch = 2): Promise<unknown> => {
    const { totals, waiting, waits } = sampleRow(runId)
    const row = { status: to, waiting, waits, wakeAt: null, endedAt: to === 'completed' ? 1 : null, totals }
    return bench.store.commit([{ runId, epoch, entries: [], row, release: true }])
  }

  const claim = async (id: string, rest: { ends?: true } = {}): Promise<boolean> => {
    const row = await bench.store.run(id)
    if (!row) throw new Error(`no run ${id}`)
    return (await bench.store.claim({ ...row, ownerHeartbeat: null }, { ...DEE, ...rest })) !== undefined
  }

  describe('what is queued for a moment', () => {
    test('is taken once that has come, by its priority among the others, and not before', async () => {
      await begin({
        now: {},
        soon: { wakeAt: 100, priority: 1 },
        late: { wakeAt: 101, priority: 2 },
        'of others': { wakeAt: 100, name: 'other' },
      })

      expect(await take({ now: 99 })).toEqual(['now'])
      expect(await take({ now: 100 })).toEqual(['soon'])
      expect(await take({ now: 200 })).toEqual(['late'])
    })

    test('keeps its moment once that has come: it is ready since then, and not since it was queued', async () => {
      await begin({ first: { wakeAt: 1_764_000_000_100 }, second: { wakeAt: 1_764_000_000_200 } })

      const given = { now: 1_764_000_000_300, gone: [], definitions: [SUPPORT], except: [], limit: 1 }
      expect((await bench.store.take(DEE, given)).map(({ id, wakeAt }) => [id, wakeAt])).toEqual([
        ['first', 1_764_000_000_100],
      ])
      expect(await bench.store.run('second')).toMatchObject({ status: 'queued', wakeAt: 1_764_000_000_200 })
      const ready = (await bench.store.queue(1_764_000_000_300)).filter((row) => row.ready > 0)
      expect(ready).toMatchObject([{ ready: 1, readySince: 1_764_000_000_200 }])
    })

    test('is given to whoever claims it by its id, whenever that is', async () => {
      await begin({ later: { wakeAt: 100 } })

      expect(await claim('later')).toBe(true)
      expect(await take({ now: 200 })).toEqual([])
    })

    test('is left alone by a clock by which it has not come, also where it has by another', async () => {
      await begin({ later: { wakeAt: 100 } })

      expect(await take({ now: 200, except: ['later'] })).toEqual([])
      expect(await take({ now: 50 })).toEqual([])
      expect(await take({ now: 100 })).toEqual(['later'])
    })

    test('is gone on with before its moment where whoever had claimed it by its id is gone', async () => {
      await begin({ later: { wakeAt: 100, owner: 'bob' } })
      await bench.store.heartbeat('bob', 1)

      expect(await take({ now: 50 })).toEqual([])
      expect(await take({ now: 50, gone: [{ owner: 'bob', heartbeat: 1 }] })).toEqual(['later'])
    })
  })

  describe('the order of a take', () => {
    test('is that of creation where the oldest are asked for, however urgent the others are', async () => {
      await begin({ old: { priority: -9 }, urgent: { priority: 9 }, due: { status: 'waiting', wakeAt: 1 } })

      expect(await take({ now: 1, order: 'oldest', limit: 2 })).toEqual(['old', 'urgent'])
      expect(await take({ now: 1, order: 'oldest' })).toEqual(['due'])
    })
  })

  describe('runs of one concurrency key', () => {
    test('are taken in their order, no more of them than the limit, also by one take', async () => {
      const two = { key: 'ann', limit: 2 }
      await begin({ a: { concurrency: two }, b: { concurrency: two }, c: { concurrency: two }, free: {} })

      expect(await take()).toEqual(['a', 'b', 'free'])
      expect(await take()).toEqual([])
      await leave('b', 'completed')
      expect(await take()).toEqual(['c'])
    })

    test('count as ready also where their turn has not come', async () => {
      await begin({ a: { concurrency: ONE }, b: { concurrency: ONE }, c: { concurrency: ONE } })
      expect(await take()).toEqual(['a'])

      expect(await bench.store.queue(0)).toContainEqual(expect.objectContaining({ status: 'queued', ready: 2 }))
    })

    test('are apart in two tenants, and those of another key do not count', async () => {
      await begin({
        a: { concurrency: ONE, tenant: 'north' },
        b: { concurrency: ONE, tenant: 'south' },
        c: { concurrency: ONE },
        d: { concurrency: { key: 'bob', limit: 1 } },
        e: { concurrency: ONE, tenant: 'north' },
        f: { concurrency: ONE },
      })

      expect(await take()).toEqual(['a', 'b', 'c', 'd'])
    })

    test('stand in nobody’s way, however many wait', async () => {
      await begin(
        Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`a${at}`, { concurrency: ONE, priority: 9 }])),
      )
      await begin({ other: {} })

      expect(await take({ limit: 2 })).toEqual(['a0', 'other'])
    })

    test('come the most urgent first, whichever order is asked for and whenever they came', async () => {
      await begin({ old: { concurrency: ONE }, new: { concurrency: ONE }, urgent: { concurrency: ONE, priority: 1 } })

      expect(await take({ order: 'newest' })).toEqual(['urgent'])
      await leave('urgent', 'completed')
      expect(await take({ order: 'newest' })).toEqual(['old'])
      await leave('old', 'completed')
      expect(await take({ order: 'oldest' })).toEqual(['new'])
    })

    test('make room for the next once one rests, and that one comes again before those behind it', async () => {
      await begin({ a: { concurrency: ONE }, b: { concurrency: ONE }, c: { concurrency: ONE } })
      expect(await take()).toEqual(['a'])
      await leave('a', 'waiting')
      expect(await take()).toEqual(['b'])

      await bench.store.send(sampleMessage('a', 'said'))
      expect(await take()).toEqual([])
      await leave('b', 'completed')
      expect(await take()).toEqual(['a'])
      expect(await take()).toEqual([])
      await leave('a', 'running', 3)
      expect(await take()).toEqual(['a'])
    })

    test('that an owner who is gone has keep their slot until somebody takes them over', async () => {
      await begin({ a: { concurrency: ONE, owner: 'bob', status: 'running' }, b: { concurrency: ONE } })

      expect(await take()).toEqual([])
      expect(await take({ gone: [BOB] })).toEqual(['a'])
      expect(await take({ gone: [BOB] })).toEqual([])
    })

    test('are in line from the moment on for which they are queued', async () => {
      await begin({ later: { concurrency: ONE, wakeAt: 100 }, now: { concurrency: ONE }, last: { concurrency: ONE } })

      expect(await take({ now: 99 })).toEqual(['now'])
      expect(await take({ now: 100 })).toEqual([])
      await leave('now', 'completed')
      expect(await take({ now: 100 })).toEqual(['later'])
    })

    test('are claimed only where there is room, unless it is to end them', async () => {
      await begin({ a: { concurrency: ONE }, b: { concurrency: ONE }, c: { concurrency: ONE } })
      expect(await take()).toEqual(['a'])

      expect(await claim('b')).toBe(false)
      expect(await claim('b', { ends: true })).toBe(true)
      await leave('b', 'completed')
      expect(await take()).toEqual([])
      await leave('a', 'completed')
      expect(await claim('c')).toBe(true)
    })

    test('are given to one of two who take at once', async () => {
      await begin({ a: { concurrency: ONE }, b: { concurrency: ONE } })
      const all = { now: 0, gone: [], definitions: [SUPPORT], except: [], limit: 1 }
      const takers = ['eve', 'fay', 'gil'].map((owner) => bench.store.take({ owner, heartbeat: 1 }, all))

      expect((await Promise.all(takers)).flat().map(({ id }) => id)).toEqual(['a'])
    })
  })

  describe('overdue', () => {
    const late = async (now: number, rest: Partial<TakeFilter> = {}): Promise<string[]> =>
      (await bench.store.overdue({ now, gone: [], except: [], limit: 100, ...rest })).map(({ id }) => id)

    test('gives what was to be begun by then and was not, and take does not give it any more', async () => {
      await begin({ soon: { expireAt: 100 }, never: {}, begun: { status: 'running', expireAt: 100 } })

      expect(await late(99)).toEqual([])
      expect(await late(100)).toEqual(['soon'])
      expect(await take({ now: 100 })).toEqual(['never', 'begun'])
    })

    test('gives what was to have ended by then, however it stands, and take does not give it any more', async () => {
      await begin({
        queued: { deadlineAt: 100 },
        asks: { status: 'waiting', deadlineAt: 100 },
        sleeps: { status: 'waiting', wakeAt: 50, deadlineAt: 99 },
        both: { deadlineAt: 90, expireAt: 80 },
        parked: { status: 'quarantined', deadlineAt: 1 },
        done: { status: 'completed', endedAt: 5, deadlineAt: 1 },
        later: { deadlineAt: 101 },
      })

      expect(await late(100)).toEqual(['queued', 'asks', 'sleeps', 'both'])
      expect(await late(100, { except: ['asks'], limit: 2 })).toHaveLength(2)
      expect(await take({ now: 100 })).toEqual(['later'])
    })

    test('gives nothing that somebody drives, unless that owner is gone', async () => {
      await begin({ a: { owner: 'bob', status: 'running', deadlineAt: 1 }, b: { owner: 'bob', expireAt: 1 } })

      expect(await late(1)).toEqual([])
      expect(await late(1, { gone: [{ owner: 'bob', heartbeat: 7 }] })).toEqual([])
      expect(await late(1, { gone: [BOB] })).toEqual(['a', 'b'])
      expect(await take({ now: 1, gone: [BOB] })).toEqual([])
    })
  })
}
