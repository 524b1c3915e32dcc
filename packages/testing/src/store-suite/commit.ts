import { describe, expect, test } from 'vitest'
import type { Waiting } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from './samples.ts'

/** What `commit` writes. */
export function commitSuite(bench: Bench): void {
  describe('commit', () => {
    test('a run that begins has its row and its entries', async () => {
      const results = await bench.store.commit([beginning('r1')])

      expect(results).toEqual([{ kind: 'written' }])
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
    })

    test('a run that begins keeps whose it is, and what it may be queued with', async () => {
      const said = { tenant: 'acme', user: 'u1', concurrency: { key: 'account-7', limit: 2 } }
      const times = { expireAt: 1_764_000_100_000, deadlineAt: 1_764_000_200_000 }
      const { waits: _waits, root: _root, round: _round, tenant: _tenant, user: _user, ...rest } = sampleRow('r2')
      const { concurrency: _concurrency, expireAt: _expireAt, deadlineAt: _deadlineAt, ...own } = rest
      const { sessionId: _sessionId, turn: _turn, ...create } = own
      await bench.store.commit([beginning('r1', { ...said, ...times }), { ...beginning('r2'), create }])

      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { ...said, ...times }))
      expect(await bench.store.run('r2')).toEqual(sampleRow('r2'))
    })

    test('a turn of a session is one run: another that would be it is refused, alone', async () => {
      const turn = (id: string, sessionId: string, turn: number) =>
        beginning(id, { sessionId, turn, lineageId: `session ${sessionId}` })
      expect(await bench.store.commit([turn('a', 's', 1), turn('b', 's', 1), turn('c', 't', 1)])).toEqual([
        { kind: 'written' },
        { kind: 'exists' },
        { kind: 'written' },
      ])
      expect(await bench.store.commit([turn('d', 's', 1), turn('e', 's', 2)])).toEqual([
        { kind: 'exists' },
        { kind: 'written' },
      ])
      // Its commit happened though its caller saw an error.
      expect(await bench.store.commit([turn('a', 's', 1)])).toEqual([{ kind: 'written' }])
      const begins = [{ row: sampleRow('f', { sessionId: 's', turn: 2 }), entries: [sampleEntry(0)] }]
      expect(await bench.store.commit([{ ...appending('a', 1), begins }])).toEqual([{ kind: 'exists' }])
      expect(await bench.store.entries('a')).toEqual([sampleEntry(0)])
      for (const id of ['b', 'd', 'f']) expect(await bench.store.run(id)).toBeUndefined()

      expect(await bench.store.run('e')).toMatchObject({ sessionId: 's', turn: 2 })
    })

    test('a run becomes the child of one that says so, and keeps the parent that it has', async () => {
      await bench.store.commit([beginning('p'), beginning('q'), beginning('f', { forkOf: 'p', forkSeq: 1 })])
      const adopting = (runId: string, parentKey: string) => ({
        ...appending(runId, 1),
        adopts: [
          { runId: 'f', parentKey },
          { runId: 'nobody', parentKey },
        ],
      })
      expect(await bench.store.commit([{ ...adopting('q', 'old'), epoch: 7 }])).toEqual([{ kind: 'stale' }])
      expect(await bench.store.run('f')).toMatchObject({ parentId: null, parentKey: null })

      expect(await bench.store.commit([adopting('p', 'child')])).toEqual([{ kind: 'written' }])
      await bench.store.commit([adopting('q', 'other')])

      expect(await bench.store.run('f')).toMatchObject({ parentId: 'p', parentKey: 'child', forkOf: 'p' })
      expect((await bench.store.runs({ parentId: 'p' })).map(({ id }) => id)).toEqual(['f'])
      expect(await bench.store.runs({ parentId: 'q' })).toEqual([])
    })

    test('a run becomes a child with all that it has gone on as, and with what it goes on as later', async () => {
      const on = (round: number) => sampleRow(`f~${round}`, { root: 'f', round })
      await bench.store.commit([beginning('p'), beginning('f')])
      await bench.store.commit([{ ...appending('f', 1), begins: [{ row: on(2), entries: [sampleEntry(0)] }] }])
      await bench.store.commit([{ ...appending('p', 1), adopts: [{ runId: 'f', parentKey: 'child' }] }])
      // Whoever goes on with it took it up before it had a parent.
      await bench.store.commit([{ ...appending('f~2', 1), begins: [{ row: on(3), entries: [sampleEntry(0)] }] }])

      for (const id of ['f', 'f~2', 'f~3'])
        expect(await bench.store.run(id), id).toMatchObject({ parentId: 'p', parentKey: 'child' })
      expect((await bench.store.runs({ parentId: 'p' })).map(({ id }) => id)).toEqual(['f', 'f~2', 'f~3'])
    })

    test('every field of a row comes back', async () => {
      const row = sampleRow('Тест-→😀', {
        kind: 'team',
        name: 'desk',
        version: 7,
        parentId: 'nightly "→"',
        parentKey: 'map:1/agent:2',
        lineageId: 'root "→"',
        forkOf: 'Тест',
        forkSeq: 12,
        sessionId: 'chat "→"',
        turn: 12,
        root: 'Тест',
        round: 3,
        status: 'waiting',
        waiting: { kind: 'in-doubt', key: 'agent:1/turn:2/call:0', id: 'agent:1/turn:2/call:0', tool: 'refund "x"' },
        waits: [
          { kind: 'in-doubt', key: 'agent:1/turn:2/call:0', id: 'agent:1/turn:2/call:0', tool: 'refund "x"' },
          { kind: 'timer', key: 'sleep:1', until: 8_640_000_000_000_000 },
        ],
        wakeAt: 8_640_000_000_000_000,
        priority: -3,
        tags: ['web', 'größe', ''],
        owner: null,
        epoch: 3,
        attempts: 2,
        createdAt: 8_640_000_000_000_000,
        endedAt: 0,
        totals: {
          turns: 1,
          calls: 2,
          inputTokens: 3,
          cachedTokens: 4,
          outputTokens: 5,
          costNano: Number.MAX_SAFE_INTEGER,
          unpriced: 6,
        },
      })
      await bench.store.commit([{ runId: row.id, epoch: 3, create: row, entries: [] }])

      expect(await bench.store.run(row.id)).toEqual(row)
    })

    test.each(['agent', 'team', 'workflow'] as const)(
      'a run of the kind %s may begin queued, with no owner',
      async (kind) => {
        const row = sampleRow('r1', { kind, status: 'queued', owner: null, epoch: 0, attempts: 0 })
        const results = await bench.store.commit([{ runId: 'r1', epoch: 0, create: row, entries: [sampleEntry(0)] }])

        expect(results).toEqual([{ kind: 'written' }])
        expect(await bench.store.run('r1')).toEqual(row)
      },
    )

    test.each<Waiting>([
      { kind: 'in-doubt', key: 'agent:1/turn:2/call:0', id: 'agent:1/turn:2/call:0', tool: 'refund' },
      { kind: 'signal', key: 'receive:1', signal: 'review "x"' },
      { kind: 'child', key: 'child:1', runId: 'Тест-→😀' },
      { kind: 'timer', key: 'sleep:1', until: 8_640_000_000_000_000 },
    ])('a run may wait for %j', async (waiting) => {
      const { totals } = sampleRow('r1')
      const row = { status: 'waiting', waiting, waits: [waiting], wakeAt: null, endedAt: null, totals } as const
      await bench.store.commit([beginning('r1'), { ...appending('r1', 1), row }])

      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { status: 'waiting', waiting, waits: [waiting] }))
    })

    test('several runs are written by one commit, and several writes of one run follow each other', async () => {
      const results = await bench.store.commit([
        beginning('r1'),
        beginning('r2'),
        appending('r1', 1, 2),
        appending('r2', 1),
        appending('r1', 3),
      ])

      expect(results.map(({ kind }) => kind)).toEqual(['written', 'written', 'written', 'written', 'written'])
      await bench.store.commit([appending('r1', 4), appending('r1', 5)])
      expect(await bench.store.entries('r1')).toEqual([0, 1, 2, 3, 4, 5].map((seq) => sampleEntry(seq)))
      expect(await bench.store.entries('r2')).toEqual([0, 1].map((seq) => sampleEntry(seq)))
    })

    test('a run may begin as one that has ended, with all its entries: nobody owns it, and nobody is given it', async () => {
      const ended = { status: 'completed', endedAt: 1_764_000_009_000, owner: null, epoch: 0, attempts: 0 } as const
      const rests = { kind: 'quarantined', key: 'run', reason: 'It came from elsewhere.' } as const
      const parked = {
        status: 'quarantined',
        waiting: rests,
        waits: [rests],
        owner: null,
        epoch: 0,
        attempts: 0,
      } as const
      const rows = [sampleRow('r1', ended), sampleRow('r2', parked)]
      const writes = rows.map((create) => ({
        ...appending(create.id, 0, 1, 2),
        epoch: 0,
        create,
        release: true as const,
      }))

      expect(await bench.store.commit(writes)).toEqual([{ kind: 'written' }, { kind: 'written' }])
      for (const row of rows) {
        expect(await bench.store.run(row.id)).toEqual(row)
        expect(await bench.store.entries(row.id)).toEqual([0, 1, 2].map((seq) => sampleEntry(seq)))
      }
      const definitions = [{ kind: 'agent', name: 'support' }] as const
      const filter = { now: 8_640_000_000_000_000, gone: [], definitions, except: [], limit: 10 }
      expect(await bench.store.take({ owner: 'ann', heartbeat: 1 }, filter)).toEqual([])
      // Whoever writes them again, and has not heard that they stand, adds nothing.
      expect(await bench.store.commit(writes)).toEqual([{ kind: 'written' }, { kind: 'written' }])
      expect(await bench.store.entries('r1')).toHaveLength(3)
    })

    test('a commit of nothing writes nothing', async () => {
      expect(await bench.store.commit([])).toEqual([])
      expect(await bench.store.runs({})).toEqual([])
    })

    test('a change of status changes the row and nothing else of it', async () => {
      const kept = { parentId: 'r0', parentKey: 'agent:1', priority: 2, tags: ['web'] }
      await bench.store.commit([beginning('r1', kept)])
      const totals = { ...sampleRow('r1').totals, turns: 4, costNano: 1_234_567 }
      const waiting = {
        kind: 'in-doubt',
        key: 'agent:1/turn:0/call:0',
        id: 'agent:1/turn:0/call:0',
        tool: 'refund',
      } as const
      const waits = [waiting]
      const change = { status: 'waiting', waiting, waits, wakeAt: 1_764_000_005_000, endedAt: null, totals } as const
      await bench.store.commit([{ ...appending('r1', 1), row: change }])

      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { ...kept, ...change }))

      const ended = {
        status: 'completed',
        waiting: null,
        waits: [],
        wakeAt: null,
        endedAt: 1_764_000_009_000,
        totals,
      } as const
      await bench.store.commit([{ runId: 'r1', epoch: 1, entries: [], row: ended }])

      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { ...kept, ...ended }))
    })

    test('a run that is released has no owner, and keeps its epoch', async () => {
      await bench.store.commit([{ ...beginning('r1'), release: true }])

      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { owner: null }))
    })

    test('a write that releases or ends a run may be followed by another in the same commit', async () => {
      await bench.store.commit([beginning('r1')])
      const { totals } = sampleRow('r1')
      const row = { status: 'completed', waiting: null, waits: [], wakeAt: null, endedAt: 7, totals } as const
      const results = await bench.store.commit([
        { ...appending('r1', 1), release: true },
        { ...appending('r1', 2), row },
        appending('r1', 3),
      ])

      expect(results.map(({ kind }) => kind)).toEqual(['written', 'written', 'written'])
      expect(await bench.store.entries('r1')).toEqual([0, 1, 2, 3].map((seq) => sampleEntry(seq)))
    })

    test('a message that became an entry leaves the inbox with it', async () => {
      await bench.store.commit([beginning('r1'), beginning('r2')])
      for (const run of ['r1', 'r2'])
        for (const mark of ['a', 'b', 'c']) await bench.store.send(sampleMessage(run, mark))
      await bench.store.commit([{ ...appending('r1', 1), consumed: ['a', 'c', 'never sent'] }])

      expect(await bench.store.inbox('r1')).toEqual([sampleMessage('r1', 'b')])
      expect((await bench.store.inbox('r2')).map(({ dedupe }) => dedupe)).toEqual(['a', 'b', 'c'])
    })

    test('what was read before a commit does not change with it', async () => {
      await bench.store.commit([beginning('r1')])
      const row = await bench.store.run('r1')
      const entries = await bench.store.entries('r1')
      await bench.store.commit([{ ...appending('r1', 1), release: true }])

      expect(row).toEqual(sampleRow('r1'))
      expect(entries).toEqual([sampleEntry(0)])
    })
  })
}
