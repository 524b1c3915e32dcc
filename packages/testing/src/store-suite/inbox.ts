import { describe, expect, test } from 'vitest'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleMessage } from './samples.ts'

/** How messages from outside reach a run. */
export function inboxSuite(bench: Bench): void {
  describe('the inbox', () => {
    test('gives a run its messages, oldest first', async () => {
      await bench.store.commit([beginning('r1'), beginning('r2')])
      const first = { ...sampleMessage('r1', 'z'), at: 9 }
      const second = {
        ...sampleMessage('r1', 'a'),
        kind: 'resolve',
        body: { happened: true, result: [1, null, '😀'] },
        at: 3,
      } as const
      const third = { ...sampleMessage('r1', 'm'), kind: 'signal', body: { approved: true } } as const

      expect(await bench.store.send(first)).toBe(true)
      expect(await bench.store.send(sampleMessage('r2', 'z'))).toBe(true)
      expect(await bench.store.send(second)).toBe(true)
      expect(await bench.store.send(third)).toBe(true)
      expect(await bench.store.inbox('r1')).toEqual([first, second, third])
      expect(await bench.store.inbox('nobody')).toEqual([])
    })

    test('drops a second message with the same mark while the first lies there', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.send(sampleMessage('r1', 'a'))

      expect(await bench.store.send({ ...sampleMessage('r1', 'a'), body: 'other' })).toBe(false)
      expect(await bench.store.inbox('r1')).toEqual([sampleMessage('r1', 'a')])

      await bench.store.commit([{ ...appending('r1', 1), consumed: ['a'] }])
      expect(await bench.store.send(sampleMessage('r1', 'a'))).toBe(true)
    })

    test('refuses a message for a run that does not exist', async () => {
      await expect(bench.store.send(sampleMessage('nobody', 'a'))).rejects.toMatchObject({
        name: 'StoreError',
        code: 'store_no_run',
        details: { runId: 'nobody' },
      })
    })

    test('takes a message for a run that has ended', async () => {
      await bench.store.commit([beginning('r1', { status: 'completed', endedAt: 1, owner: null })])

      expect(await bench.store.send(sampleMessage('r1', 'a'))).toBe(true)
      expect(await bench.store.send(sampleMessage('r1', 'a'))).toBe(false)
      expect(await bench.store.inbox('r1')).toEqual([sampleMessage('r1', 'a')])
    })

    test("tells an owner which of its runs have messages, each once, and none of another's", async () => {
      await bench.store.commit([
        beginning('r1'),
        beginning('r2'),
        beginning('r3'),
        beginning('r4', { owner: 'bob' }),
        beginning('r5', { owner: null }),
      ])
      for (const run of ['r3', 'r1', 'r4', 'r5', 'r1']) await bench.store.send(sampleMessage(run, run))
      await bench.store.send(sampleMessage('r1', 'second'))

      expect((await bench.store.mail('ann')).toSorted()).toEqual(['r1', 'r3'])
      expect(await bench.store.mail('bob')).toEqual(['r4'])
      expect(await bench.store.mail('cy')).toEqual([])

      await bench.store.claim({ id: 'r5', epoch: 1, ownerHeartbeat: null }, { owner: 'cy', heartbeat: 0 })
      expect(await bench.store.mail('cy')).toEqual(['r5'])
    })
  })
}
