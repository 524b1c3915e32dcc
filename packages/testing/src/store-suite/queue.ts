import { describe, expect, test } from 'vitest'
import type { QueueRow, RunRow, Waiting } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleMessage } from './samples.ts'

const CREATED = 1_764_000_000_000
const DUE = CREATED + 500
const NOW = CREATED + 1_000

const SIGNAL: Waiting = { kind: 'signal', key: 'receive:go', signal: 'go' }
const TIMER: Waiting = { kind: 'timer', key: 'sleep', until: DUE }

/** How the runs stand that have not ended: `queue`. */
export function queueSuite(bench: Bench): void {
  const begin = (rows: Record<string, Partial<RunRow>>): Promise<unknown> =>
    bench.store.commit(Object.entries(rows).map(([id, rest]) => beginning(id, { owner: null, ...rest })))
  const row = (rest: Partial<QueueRow>): QueueRow => ({
    kind: 'agent',
    name: 'support',
    status: 'queued',
    waiting: null,
    runs: 1,
    owned: 0,
    ready: 0,
    readySince: null,
    ...rest,
  })
  const count = async (now = NOW): Promise<readonly QueueRow[]> => {
    const rows = await bench.store.queue(now)
    const placeOf = ({ kind, name, status, waiting }: QueueRow): string => [status, kind, name, waiting].join(' ')
    return rows.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  }
  const waitsFor = (waiting: Waiting, wakeAt: number | null = null): Partial<RunRow> => ({
    status: 'waiting',
    waiting,
    waits: [waiting],
    wakeAt,
  })

  describe('queue', () => {
    test('is empty where nothing is, and where all has ended', async () => {
      expect(await count()).toEqual([])
      await begin({
        r1: { status: 'completed', endedAt: 5 },
        r2: { status: 'failed', endedAt: 5, wakeAt: 1 },
        r3: { status: 'cancelled', endedAt: 5 },
      })
      await bench.store.send(sampleMessage('r1', 'a'))
      expect(await count()).toEqual([])
    })

    test('counts by definition, status and what is waited for, and tells whom somebody owns', async () => {
      await begin({
        r1: { status: 'queued' },
        r2: { status: 'queued', name: 'sales' },
        r3: { status: 'queued', kind: 'workflow' },
        r4: { status: 'running', owner: 'ann' },
        r5: { ...waitsFor(SIGNAL), owner: 'ann' },
        r6: waitsFor(SIGNAL),
        r7: waitsFor(TIMER, NOW + 1),
        r8: { status: 'quarantined', waiting: { kind: 'quarantined', key: 'run', reason: 'It is damaged.' } },
        r9: { status: 'completed', endedAt: 5 },
      })
      const ready = { ready: 1, readySince: CREATED }
      expect(await count()).toEqual([
        row({ status: 'quarantined', waiting: 'quarantined' }),
        row({ name: 'sales', ...ready }),
        row(ready),
        row({ kind: 'workflow', ...ready }),
        row({ status: 'running', owned: 1 }),
        row({ status: 'waiting', waiting: 'signal', runs: 2, owned: 1 }),
        row({ status: 'waiting', waiting: 'timer' }),
      ])
    })

    test('says since when the one could be taken that could be for longest: queued ones since they were created', async () => {
      await begin({ late: { status: 'queued', createdAt: CREATED }, owned: { status: 'queued', owner: 'ann' } })
      await begin({ later: { status: 'queued', createdAt: CREATED + 9 } })
      expect(await count()).toEqual([row({ runs: 3, owned: 1, ready: 2, readySince: CREATED })])
    })

    test('says it of those that were given back by their last entry', async () => {
      await begin({ r1: { status: 'running', owner: 'ann' }, r2: { status: 'running', owner: 'ann' } })
      await bench.store.commit([
        { ...appending('r1', 1), release: true },
        { runId: 'r2', epoch: 1, entries: [sampleEntry(1), sampleEntry(2)], release: true },
      ])
      expect(await count()).toEqual([row({ status: 'running', runs: 2, ready: 2, readySince: CREATED + 1 })])
    })

    test('says it of those that wait for a time by that, once it has come', async () => {
      await begin({ r1: waitsFor(TIMER, DUE), r2: waitsFor(TIMER, DUE + 9), r3: waitsFor(TIMER, NOW + 1) })
      const waiting = { status: 'waiting', waiting: 'timer', runs: 3 } as const
      expect(await count(DUE - 1)).toEqual([row(waiting)])
      expect(await count(DUE)).toEqual([row({ ...waiting, ready: 1, readySince: DUE })])
      expect(await count()).toEqual([row({ ...waiting, ready: 2, readySince: DUE })])
    })

    test('says it of those that have mail by the first message, each once, and not of one that was interrupted', async () => {
      const error = { code: 'no_key', message: 'There is no key.' }
      const until = NOW + 1
      await begin({
        r1: waitsFor(SIGNAL),
        r2: waitsFor(SIGNAL, NOW + 1),
        r3: waitsFor(SIGNAL),
        r4: waitsFor({ kind: 'interrupted', key: 'run', error, until, times: 1, mendable: true }, until),
        r5: { ...waitsFor(SIGNAL), owner: 'ann' },
        r6: waitsFor(SIGNAL, DUE),
      })
      for (const run of ['r1', 'r2', 'r4', 'r5', 'r6'])
        for (const mark of ['a', 'b'])
          await bench.store.send({ ...sampleMessage(run, mark), at: DUE + (mark === 'a' ? 1 : 2) })
      const interrupted = row({ status: 'waiting', waiting: 'interrupted' })
      expect(await count()).toEqual([
        interrupted,
        row({ status: 'waiting', waiting: 'signal', runs: 5, owned: 1, ready: 3, readySince: DUE }),
      ])
      expect(await count(DUE - 1)).toMatchObject([interrupted, { ready: 3, readySince: DUE + 1 }])
    })

    test('follows what is taken, given back, and ends', async () => {
      await begin({ r1: { status: 'queued' } })
      const definitions = [{ kind: 'agent', name: 'support' } as const]
      const filter = { now: NOW, gone: [], except: [], limit: 1, definitions }
      await bench.store.take({ owner: 'bob', heartbeat: 0 }, filter)
      expect(await count()).toEqual([row({ owned: 1 })])
      await bench.store.commit([{ runId: 'r1', epoch: 2, entries: [], release: true }])
      expect(await count()).toEqual([row({ ready: 1, readySince: CREATED })])
    })
  })
}
