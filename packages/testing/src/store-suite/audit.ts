import { describe, expect, test } from 'vitest'
import type { AuditFilter, AuditNote } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleMessage } from './samples.ts'

const ended = { status: 'completed', endedAt: 5, owner: null } as const

function noteOf(runId: string | null, at: number, rest: Partial<AuditNote> = {}): AuditNote {
  const by = { id: 'ana', source: 'oidc' }
  return { at, action: 'cancelled', by, runId, lineageId: runId, tenant: null, what: null, ...rest }
}

/** That who did what is kept with what was done, and stays when that is gone. */
export function auditSuite(bench: Bench): void {
  const listed = async (filter: AuditFilter): Promise<number[]> => (await bench.store.audit(filter)).map(({ at }) => at)

  describe('the audit', () => {
    test('has what a write tells, once, and nothing of one that is refused', async () => {
      const { store } = bench
      const edited = noteOf('r1', 1, { action: 'edited', lineageId: 'r0', tenant: 'acme', what: 'result' })
      const write = { ...appending('r1', 1), audit: [noteOf('r1', 2)] }
      await store.commit([{ ...beginning('r1'), audit: [edited] }])
      await store.commit([write])
      // It stands already: its commit happened though its caller saw an error.
      await store.commit([write])
      await store.commit([{ ...appending('r1', 5), audit: [noteOf('r1', 3)] }])
      await store.commit([{ ...beginning('r1', { owner: 'bob' }), audit: [noteOf('r1', 4)] }])
      const [first, ...rest] = await store.audit({})

      expect(first).toEqual({ ...edited, id: first?.id })
      expect(rest).toEqual([{ ...noteOf('r1', 2), id: rest[0]?.id }])
    })

    test('has what comes with a message, as long as the message is new', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.send(sampleMessage('r1', 'a'), [], noteOf('r1', 1))
      await bench.store.send(sampleMessage('r1', 'a'), [], noteOf('r1', 2))
      await bench.store.send(sampleMessage('r1', 'b'), [])
      await expect(bench.store.send(sampleMessage('nobody', 'a'), [], noteOf('r1', 3))).rejects.toMatchObject({
        code: 'store_no_run',
      })

      expect(await listed({})).toEqual([1])
    })

    test('has an erasure that was done, once, and outlives it and cleaning up', async () => {
      const { store } = bench
      await store.commit([
        { ...beginning('r1', ended), audit: [noteOf('r1', 1)] },
        { ...beginning('r2', ended), audit: [noteOf('r2', 2)] },
        beginning('r3'),
      ])
      await store.erase('r1', 'ana', 9, noteOf('r1', 3, { action: 'erased' }))
      await store.erase('r1', 'ana', 9, noteOf('r1', 4, { action: 'erased' }))
      await store.erase('r3', 'ana', 9, noteOf('r3', 5, { action: 'erased' }))
      await store.gc(6, ['completed'], 10)

      expect((await store.runs({})).map(({ id }) => id)).toEqual(['r3'])
      expect(await listed({})).toEqual([1, 2, 3])
    })

    test('is given by what it is asked for, a page at a time, in either order', async () => {
      const { store } = bench
      await store.note([
        noteOf('r1', 10, { tenant: 'acme' }),
        noteOf('r1/a', 20, { lineageId: 'r1', tenant: 'acme', by: { id: 'bob', source: 'cli' } }),
        noteOf(null, 30, { action: 'backed-up', lineageId: null }),
      ])
      await store.note([noteOf('r2', 15)])

      expect(await listed({})).toEqual([10, 20, 30, 15])
      expect(await listed({ order: 'newest', limit: 2 })).toEqual([15, 30])
      expect(await listed({ runId: 'r1' })).toEqual([10])
      expect(await listed({ lineageId: 'r1' })).toEqual([10, 20])
      expect(await listed({ tenant: 'acme', by: 'ana' })).toEqual([10])
      expect(await listed({ by: 'bob' })).toEqual([20])
      expect(await listed({ action: 'backed-up' })).toEqual([30])
      expect(await listed({ from: 15, before: 30 })).toEqual([20, 15])
      const [, second] = await store.audit({})
      expect(await listed({ after: second?.id ?? 0 })).toEqual([30, 15])
      expect(await listed({ after: second?.id ?? 0, order: 'newest' })).toEqual([10])
    })

    test('is forgotten from its oldest on, so much at a time, and its ids are not given again', async () => {
      const { store } = bench
      await store.note([noteOf('r1', 30), noteOf('r1', 10), noteOf('r1', 20)])
      const last = (await store.audit({})).at(-1)

      expect(await store.pruneAudit(30, 1)).toBe(1)
      expect(await listed({})).toEqual([30, 20])
      expect(await store.pruneAudit(31, 10)).toBe(2)
      await store.note([noteOf('r1', 40)])
      expect((await store.audit({ after: last?.id ?? 0 })).map(({ at }) => at)).toEqual([40])
    })
  })
}
