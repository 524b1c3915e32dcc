import { describe, expect, test } from 'vitest'
import type { RunWrite } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleRow } from './samples.ts'

/** Who owns a run: `claim`, `beat`, `owned` and `owners`. */
export function leaseSuite(bench: Bench): void {
  describe('claim', () => {
    test('makes the claimer the owner at the next epoch and counts the attempt', async () => {
      await bench.store.commit([beginning('r1', { tags: ['web'] })])
      await bench.store.heartbeat('ann', 4)
      const claimed = await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 4 }, { owner: 'bob', heartbeat: 7 })

      const expected = sampleRow('r1', { owner: 'bob', epoch: 2, attempts: 2, tags: ['web'] })
      expect(claimed).toEqual(expected)
      expect(await bench.store.run('r1')).toEqual(expected)
    })

    test('goes to one of several that saw the same epoch', async () => {
      await bench.store.commit([{ ...beginning('r1'), release: true }])
      const claims = await Promise.all(
        ['ann', 'bob', 'cy'].map((owner) =>
          bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: null }, { owner, heartbeat: 0 }),
        ),
      )

      expect(claims.filter((row) => row !== undefined)).toHaveLength(1)
      expect(await bench.store.run('r1')).toMatchObject({ epoch: 2, attempts: 1 })
    })

    const attempts = async (epoch: number, ownerHeartbeat: number | null = 0): Promise<number | undefined> =>
      (await bench.store.claim({ id: 'r1', epoch, ownerHeartbeat }, { owner: 'bob', heartbeat: 0 }))?.attempts

    test('counts those in a row that took it from an owner and got it no further', async () => {
      await bench.store.commit([beginning('r1')])
      expect(await attempts(1)).toBe(2)
      expect(await attempts(2)).toBe(3)

      await bench.store.commit([{ ...appending('r1', 1), epoch: 3 }])
      expect(await attempts(3)).toBe(1)
      expect(await attempts(4)).toBe(2)

      await bench.store.commit([{ runId: 'r1', epoch: 5, entries: [], release: true }])
      expect(await attempts(5, null)).toBe(1)
    })

    test('counts on where what was written since is no end of an effort', async () => {
      await bench.store.commit([beginning('r1')])
      const [kinds, from] = [
        ['model.asked', 'call.intended', 'call.doubted', 'approval.asked', 'timer.set'],
        1,
      ] as const
      for (const [index, kind] of kinds.entries()) {
        const entries = [sampleEntry(from + index, null, kind)]
        await bench.store.commit([{ runId: 'r1', epoch: from + index, entries }])
        expect(await attempts(from + index), kind).toBe(index + 2)
      }
    })

    test('counts from zero once a write has said that it ends nobody', async () => {
      await bench.store.commit([beginning('r1')])
      for (const epoch of [1, 2, 3]) await attempts(epoch)
      await bench.store.commit([{ runId: 'r1', epoch: 4, entries: [], sound: true }])
      expect(await bench.store.run('r1')).toMatchObject({ owner: 'bob', attempts: 0 })
      expect(await attempts(4)).toBe(1)
    })

    test('counts those too that gave it up as counted, unless they got it further', async () => {
      await bench.store.commit([{ ...beginning('r1'), release: 'counted' }])
      expect(await attempts(1, null)).toBe(2)

      await bench.store.commit([{ runId: 'r1', epoch: 2, entries: [], release: 'counted' }])
      expect(await attempts(2, null)).toBe(3)

      await bench.store.commit([{ ...appending('r1', 1), epoch: 3, release: 'counted' }])
      expect(await attempts(3, null)).toBe(1)
      expect(await attempts(4)).toBe(2)
    })

    test('counts nobody in whose time a run below it got further, however deep', async () => {
      const below = (id: string, parentId: string): RunWrite => beginning(id, { parentId, parentKey: 'child:1' })
      await bench.store.commit([beginning('r1')])
      await bench.store.commit([below('child', 'r1'), below('grandchild', 'child')])
      expect(await attempts(1)).toBe(1)
      expect(await attempts(2)).toBe(2)

      await bench.store.commit([appending('grandchild', 1), beginning("another's"), below('elsewhere', "another's")])
      expect(await attempts(3)).toBe(1)

      await bench.store.commit([appending("another's", 1), appending('elsewhere', 1)])
      expect(await attempts(4)).toBe(2)
    })

    test('of a run that stands at another epoch, or that does not exist, gives nothing', async () => {
      await bench.store.commit([beginning('r1', { epoch: 5 })])

      expect(
        await bench.store.claim({ id: 'r1', epoch: 4, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }),
      ).toBeUndefined()
      expect(
        await bench.store.claim({ id: 'r1', epoch: 6, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }),
      ).toBeUndefined()
      expect(
        await bench.store.claim({ id: 'nobody', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 }),
      ).toBeUndefined()
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { epoch: 5 }))
    })

    test('of a run whose owner has beaten since it was looked at gives nothing', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.heartbeat('ann', 4)
      await bench.store.heartbeat('ann', 5)

      expect(
        await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 4 }, { owner: 'bob', heartbeat: 4 }),
      ).toBeUndefined()
      expect(
        await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 5 }, { owner: 'bob', heartbeat: 5 }),
      ).toMatchObject({
        owner: 'bob',
        epoch: 2,
      })
    })

    test('of a run that has ended gives nothing', async () => {
      await bench.store.commit([beginning('r1', { status: 'completed', endedAt: 1, owner: null })])

      expect(
        await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: null }, { owner: 'bob', heartbeat: 0 }),
      ).toBeUndefined()
    })

    test('of a run that has an owner by now, and had none when it was looked at, gives nothing', async () => {
      await bench.store.commit([beginning('r1')])

      expect(
        await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: null }, { owner: 'bob', heartbeat: 0 }),
      ).toBeUndefined()
    })

    test('shuts the owner before out and lets the new one write', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'bob', heartbeat: 0 })

      expect(await bench.store.commit([appending('r1', 1)])).toEqual([{ kind: 'stale' }])
      expect(await bench.store.commit([{ ...appending('r1', 1), epoch: 2 }])).toEqual([{ kind: 'written' }])
    })
  })

  describe('beat', () => {
    test('tells by another number that runs were taken, from this owner alone', async () => {
      await bench.store.commit([beginning('r1'), beginning('r2'), beginning('r3', { owner: 'bob' })])
      const [ann, bob] = [await bench.store.heartbeat('ann', 1), await bench.store.heartbeat('bob', 1)]
      await bench.store.commit([{ ...appending('r1', 1), release: true }])
      await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: null }, { owner: 'cy', heartbeat: 1 })
      expect([await bench.store.heartbeat('ann', 2), await bench.store.heartbeat('bob', 2)]).toEqual([ann, bob])

      await bench.store.claim({ id: 'r2', epoch: 1, ownerHeartbeat: 2 }, { owner: 'cy', heartbeat: 1 })
      const lost = await bench.store.heartbeat('ann', 3)
      expect(lost).not.toBe(ann)
      expect(await bench.store.heartbeat('ann', 4)).toBe(lost)
      expect(await bench.store.heartbeat('bob', 3)).toBe(bob)
    })

    test('of an owner without runs changes none', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.heartbeat('bob', 3)

      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
      expect(await bench.store.owners()).toEqual([{ owner: 'ann', heartbeat: 0 }])
    })
  })

  describe('owned', () => {
    test("gives an owner's runs that have not ended, and no others", async () => {
      await bench.store.commit([
        beginning('running'),
        beginning('waiting', { status: 'waiting' }),
        beginning('ended', { status: 'completed', endedAt: 1 }),
        beginning("another's", { owner: 'bob' }),
        beginning("nobody's", { owner: null }),
      ])

      expect((await bench.store.owned('ann')).toSorted()).toEqual(['running', 'waiting'])
      expect(await bench.store.owned('cy')).toEqual([])
    })
  })

  describe('owners', () => {
    const owners = async (): Promise<string[]> => (await bench.store.owners()).map(({ owner }) => owner).toSorted()

    test('are those of runs that have not ended, each once', async () => {
      expect(await owners()).toEqual([])
      await bench.store.commit([
        beginning('r1', { owner: 'bob' }),
        beginning('r2'),
        beginning('r3', { status: 'waiting' }),
        beginning('ended', { owner: 'cy', status: 'completed', endedAt: 1 }),
        beginning("nobody's", { owner: null }),
      ])
      expect(await owners()).toEqual(['ann', 'bob'])

      await bench.store.claim({ id: 'r1', epoch: 1, ownerHeartbeat: 0 }, { owner: 'dee', heartbeat: 0 })
      await bench.store.commit([{ ...appending('r2', 1), release: true }])
      expect(await owners()).toEqual(['ann', 'dee'])
    })

    test('show another beat whenever they have beaten', async () => {
      await bench.store.commit([beginning('r1'), beginning('r2'), beginning('r3', { owner: 'bob' })])
      await bench.store.heartbeat('ann', 9)

      expect((await bench.store.owners()).toSorted((a, b) => b.heartbeat - a.heartbeat)).toEqual([
        { owner: 'ann', heartbeat: 9 },
        { owner: 'bob', heartbeat: 0 },
      ])
    })
  })
}
