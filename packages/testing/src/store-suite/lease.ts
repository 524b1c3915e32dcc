import { describe, expect, test } from 'vitest'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleRow } from './samples.ts'

/** Who owns a run: `claim`, `beat` and `owners`. */
export function leaseSuite(bench: Bench): void {
  describe('claim', () => {
    test('makes the claimer the owner at the next epoch and counts the attempt', async () => {
      await bench.store.commit([beginning('r1', { beat: 4, tags: ['web'] })])
      const claimed = await bench.store.claim({ id: 'r1', epoch: 1, beat: 4 }, { owner: 'bob', beat: 7 })

      const expected = sampleRow('r1', { owner: 'bob', epoch: 2, attempts: 2, beat: 7, tags: ['web'] })
      expect(claimed).toEqual(expected)
      expect(await bench.store.run('r1')).toEqual(expected)
    })

    test('goes to one of several that saw the same epoch', async () => {
      await bench.store.commit([{ ...beginning('r1'), release: true }])
      const claims = await Promise.all(
        ['ann', 'bob', 'cy'].map((owner) =>
          bench.store.claim({ id: 'r1', epoch: 1, beat: 0 }, { owner: owner, beat: 0 }),
        ),
      )

      expect(claims.filter((row) => row !== undefined)).toHaveLength(1)
      expect(await bench.store.run('r1')).toMatchObject({ epoch: 2, attempts: 1 })
    })

    test('counts those in a row that took it from an owner and got it no further', async () => {
      await bench.store.commit([beginning('r1')])
      const attempts = async (epoch: number): Promise<number | undefined> =>
        (await bench.store.claim({ id: 'r1', epoch, beat: 0 }, { owner: 'bob', beat: 0 }))?.attempts
      expect(await attempts(1)).toBe(2)
      expect(await attempts(2)).toBe(3)

      await bench.store.commit([{ ...appending('r1', 1), epoch: 3 }])
      expect(await attempts(3)).toBe(1)
      expect(await attempts(4)).toBe(2)

      await bench.store.commit([{ runId: 'r1', epoch: 5, entries: [], release: true }])
      expect(await attempts(5)).toBe(1)
    })

    test('of a run that stands at another epoch, or that does not exist, gives nothing', async () => {
      await bench.store.commit([beginning('r1', { epoch: 5 })])

      expect(await bench.store.claim({ id: 'r1', epoch: 4, beat: 0 }, { owner: 'bob', beat: 0 })).toBeUndefined()
      expect(await bench.store.claim({ id: 'r1', epoch: 6, beat: 0 }, { owner: 'bob', beat: 0 })).toBeUndefined()
      expect(await bench.store.claim({ id: 'nobody', epoch: 1, beat: 0 }, { owner: 'bob', beat: 0 })).toBeUndefined()
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { epoch: 5 }))
    })

    test('of a run whose owner has beaten since it was looked at gives nothing', async () => {
      await bench.store.commit([beginning('r1', { beat: 4 })])
      await bench.store.beat('ann', 5)

      expect(await bench.store.claim({ id: 'r1', epoch: 1, beat: 4 }, { owner: 'bob', beat: 4 })).toBeUndefined()
      expect(await bench.store.claim({ id: 'r1', epoch: 1, beat: 5 }, { owner: 'bob', beat: 5 })).toMatchObject({
        owner: 'bob',
        epoch: 2,
      })
    })

    test('of a run that has ended gives nothing', async () => {
      await bench.store.commit([beginning('r1', { status: 'completed', endedAt: 1, owner: null })])

      expect(await bench.store.claim({ id: 'r1', epoch: 1, beat: 0 }, { owner: 'bob', beat: 0 })).toBeUndefined()
    })

    test('shuts the owner before out and lets the new one write', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.claim({ id: 'r1', epoch: 1, beat: 0 }, { owner: 'bob', beat: 0 })

      expect(await bench.store.commit([appending('r1', 1)])).toEqual([{ kind: 'stale' }])
      expect(await bench.store.commit([{ ...appending('r1', 1), epoch: 2 }])).toEqual([{ kind: 'written' }])
    })
  })

  describe('beat', () => {
    test("gives a beat to an owner's runs that have not ended, and of no others", async () => {
      await bench.store.commit([
        beginning('running'),
        beginning('waiting', { status: 'waiting', beat: 7 }),
        beginning('ended', { status: 'completed', endedAt: 1 }),
        beginning("another's", { owner: 'bob' }),
        beginning("nobody's", { owner: null }),
      ])
      await bench.store.beat('ann', 3)
      expect((await bench.store.beat('ann', 2 ** 47 + 1)).toSorted()).toEqual(['running', 'waiting'])

      const beats = (await bench.store.runs({})).map(({ id, beat }) => [id, beat])
      expect(beats).toEqual([
        ['running', 2 ** 47 + 1],
        ['waiting', 2 ** 47 + 1],
        ['ended', 0],
        ["another's", 0],
        ["nobody's", 0],
      ])
    })

    test('of an owner without runs does nothing', async () => {
      await bench.store.commit([beginning('r1')])
      expect(await bench.store.beat('bob', 3)).toEqual([])

      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
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

      await bench.store.claim({ id: 'r1', epoch: 1, beat: 0 }, { owner: 'dee', beat: 0 })
      await bench.store.commit([{ ...appending('r2', 1), release: true }])
      expect(await owners()).toEqual(['ann', 'dee'])
    })

    test('show another beat whenever they have beaten', async () => {
      await bench.store.commit([beginning('r1'), beginning('r2', { beat: 7 }), beginning('r3', { owner: 'bob' })])
      await bench.store.beat('ann', 9)

      expect((await bench.store.owners()).toSorted((a, b) => b.beat - a.beat)).toEqual([
        { owner: 'ann', beat: 9 },
        { owner: 'bob', beat: 0 },
      ])
    })
  })
}
