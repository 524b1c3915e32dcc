import { describe, expect, test } from 'vitest'
import type { RunRow, RunWrite } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from './samples.ts'

const AT = Date.UTC(2026, 10, 25)
const LONG = 'said by many '.repeat(700)

const ended = { status: 'completed', endedAt: 1_764_000_000_009, owner: null } as const

/** Begins a run that has ended with it, and says something long. */
function ending(id: string, rest: Partial<RunRow> = {}): RunWrite {
  const create = sampleRow(id, { ...ended, tags: ['web'], ...rest })
  return { ...beginning(id), create, entries: [sampleEntry(0, { result: LONG })] }
}

/** That an erased lineage is gone, and nothing else is. */
export function eraseSuite(bench: Bench): void {
  describe('erase', () => {
    const erasedError = (runId: string): object => ({
      name: 'StoreError',
      code: 'run_erased',
      message: `The run "${runId}" was erased by ana on 2026-11-25: what it held cannot be read again.`,
      details: { runId, by: 'ana', at: AT },
    })

    test('takes what all runs of a lineage hold, and what others hold stays', async () => {
      const { store } = bench
      await store.commit([
        ending('r1'),
        ending('r1/a', { lineageId: 'r1', parentId: 'r1', parentKey: 'k' }),
        ending('r2'),
      ])
      await store.send(sampleMessage('r1', 'late'))

      expect(await store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 2 })
      for (const id of ['r1', 'r1/a']) await expect(store.entries(id)).rejects.toMatchObject(erasedError(id))
      expect(await store.inbox('r1')).toEqual([])
      expect(await store.run('r1')).toEqual(sampleRow('r1', { ...ended, epoch: 2, erasedAt: AT }))
      expect(await store.run('r1/a')).toEqual(
        sampleRow('r1/a', { ...ended, epoch: 2, lineageId: 'r1', parentId: 'r1', erasedAt: AT }),
      )
      expect(await store.entries('r2')).toEqual([sampleEntry(0, { result: LONG })])
      expect(await store.runs({ tag: 'web' })).toEqual([sampleRow('r2', { ...ended, tags: ['web'] })])
    })

    test('takes whose they were from the rows, but for the tenant', async () => {
      const { store } = bench
      const whose = { tenant: 'acme', user: 'ann', concurrency: { key: 'ann', limit: 1 } }
      await store.commit([ending('r1', whose), ending('r1/a', { ...whose, lineageId: 'r1' }), ending('r2', whose)])
      await store.erase('r1', 'ana', AT)

      expect((await store.runs({ user: 'ann' })).map(({ id }) => id)).toEqual(['r2'])
      for (const id of ['r1', 'r1/a'])
        expect(await store.run(id)).toMatchObject({ tenant: 'acme', user: null, concurrency: null, erasedAt: AT })
    })

    test('takes a lineage whose first run is gone', async () => {
      await bench.store.commit([ending('r1/a', { lineageId: 'r1' })])

      expect(await bench.store.erase('r1', 'ana', AT)).toEqual({ kind: 'erased', runs: 1 })
      await expect(bench.store.entries('r1/a')).rejects.toMatchObject(erasedError('r1/a'))
    })

    test('does nothing while a run of the lineage has not ended', async () => {
      await bench.store.commit([ending('r1'), beginning('r1/a', { lineageId: 'r1' })])

      expect(await bench.store.erase('r1', 'ana', AT)).toEqual({ kind: 'active', runIds: ['r1/a'] })
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0, { result: LONG })])
    })

    test('lets nothing begin or go on where it was', async () => {
      await bench.store.commit([ending('r1')])
      await bench.store.erase('r1', 'ana', AT)

      expect(await bench.store.commit([beginning('r1'), beginning('r1/b', { lineageId: 'r1' })])).toEqual([
        { kind: 'exists' },
        { kind: 'exists' },
      ])
      expect(await bench.store.commit([appending('r1', 1), beginning('r2')])).toEqual([
        { kind: 'stale' },
        { kind: 'written' },
      ])
      expect(
        await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }),
      ).toBeUndefined()
    })

    test('done again is done, and first come is who did it', async () => {
      await bench.store.commit([ending('r1')])
      await bench.store.erase('r1', 'ana', AT)

      expect(await bench.store.erase('r1', 'bob', AT + 1)).toEqual({ kind: 'erased', runs: 1 })
      await expect(bench.store.entries('r1')).rejects.toMatchObject(erasedError('r1'))
    })

    test('lets nothing begin or wait there either once the runs are gone', async () => {
      await bench.store.commit([ending('r1')])
      await bench.store.erase('r1', 'ana', AT)
      expect(await bench.store.gc(AT, ['completed'], 10)).toEqual(['r1'])

      expect(await bench.store.commit([beginning('r1'), beginning('r1/b', { lineageId: 'r1' })])).toEqual([
        { kind: 'exists' },
        { kind: 'exists' },
      ])
      await expect(bench.store.entries('r1')).rejects.toMatchObject(erasedError('r1'))
      await expect(bench.store.sendEarly(sampleMessage('r1', 'a'), 10)).rejects.toMatchObject(erasedError('r1'))
      await expect(bench.store.erase('r1', 'bob', AT)).rejects.toMatchObject({ code: 'store_no_run' })
    })

    test('noted of a lineage without runs lets none begin in it', async () => {
      await bench.store.noteErased([
        { lineageId: 'r1', by: 'ana', at: AT },
        { lineageId: 'r2', by: 'bob', at: AT },
      ])
      await bench.store.noteErased([{ lineageId: 'r1', by: 'bob', at: AT + 1 }])

      expect(
        await bench.store.commit([beginning('r1'), beginning('r2/a', { lineageId: 'r2' }), beginning('r3')]),
      ).toEqual([{ kind: 'exists' }, { kind: 'exists' }, { kind: 'written' }])
      await expect(bench.store.entries('r1')).rejects.toMatchObject(erasedError('r1'))
      expect(await bench.store.runs({})).toEqual([sampleRow('r3')])
    })

    test('of a run that is not there is refused', async () => {
      await expect(bench.store.erase('nobody', 'ana', AT)).rejects.toMatchObject({ code: 'store_no_run' })
    })
  })
}
