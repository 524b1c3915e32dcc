import { describe, expect, test } from 'vitest'
import type { RunRow, RunWrite } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from './samples.ts'

/** What one write does beside its own run: runs that begin with it, messages that it leaves; and what rounds come to. */
export function besideSuite(bench: Bench): void {
  const next = (rest: Partial<RunRow> = {}): RunRow => sampleRow('r1~2', { root: 'r1', round: 2, ...rest })

  /** The write that ends `r1` and begins `r1~2`. */
  const ending = (rest: Partial<RunRow> = {}): RunWrite => ({
    ...appending('r1', 1),
    row: {
      status: 'completed',
      waiting: null,
      waits: [],
      wakeAt: null,
      endedAt: 7,
      totals: sampleRow('r1').totals,
    },
    begins: [{ row: next(rest), entries: [sampleEntry(0), sampleEntry(1)] }],
    release: true,
  })

  describe('a write that begins other runs', () => {
    test('writes them with its own', async () => {
      await bench.store.commit([beginning('r1')])
      expect(await bench.store.commit([ending({ epoch: 4 })])).toEqual([{ kind: 'written' }])

      expect(await bench.store.run('r1')).toMatchObject({ status: 'completed', owner: null })
      expect(await bench.store.run('r1~2')).toEqual(next({ epoch: 4 }))
      expect(await bench.store.entries('r1~2')).toEqual([sampleEntry(0), sampleEntry(1)])
      expect(await bench.store.commit([{ ...appending('r1~2', 2), epoch: 4 }])).toEqual([{ kind: 'written' }])
    })

    test('begins none where it is stale, and leaves the others of its commit', async () => {
      await bench.store.commit([beginning('r1', { epoch: 2 })])

      expect(await bench.store.commit([ending(), beginning('r2')])).toEqual([{ kind: 'stale' }, { kind: 'written' }])
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { epoch: 2 }))
      expect(await bench.store.run('r1~2')).toBeUndefined()
    })

    test('writes nothing where one of them is there already, as another’s', async () => {
      await bench.store.commit([beginning('r1'), beginning('r1~2', { owner: 'bob' })])
      const write = ending()
      const first = { row: sampleRow('r3'), entries: [sampleEntry(0)] }

      expect(await bench.store.commit([{ ...write, begins: [first, ...(write.begins ?? [])] }])).toEqual([
        { kind: 'exists' },
      ])
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
      expect(await bench.store.run('r3')).toBeUndefined()
    })

    test('that stands counts as written and adds nothing', async () => {
      await bench.store.commit([beginning('r1')])
      await bench.store.commit([ending()])
      expect(await bench.store.commit([ending()])).toEqual([{ kind: 'written' }])

      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
      expect(await bench.store.entries('r1~2')).toEqual([sampleEntry(0), sampleEntry(1)])
    })
  })

  describe('the messages of a write', () => {
    test('are left for runs that are there and have not ended', async () => {
      await bench.store.commit([
        beginning('r1'),
        beginning('r2'),
        beginning('r3'),
        beginning('ended', { status: 'completed', endedAt: 1, owner: null }),
      ])
      const messages = ['r2', 'r3', 'ended', 'nobody', 'r2'].map((run) => sampleMessage(run, 'a'))
      await bench.store.commit([{ ...appending('r1', 1), messages }])

      expect(await bench.store.inbox('r2')).toEqual([sampleMessage('r2', 'a')])
      expect(await bench.store.inbox('r3')).toEqual([sampleMessage('r3', 'a')])
      expect(await bench.store.inbox('ended')).toEqual([])
    })

    test('are not left where it is refused', async () => {
      await bench.store.commit([beginning('r1'), beginning('r2')])
      await bench.store.commit([{ ...appending('r1', 1), epoch: 9, messages: [sampleMessage('r2', 'a')] }])

      expect(await bench.store.inbox('r2')).toEqual([])
    })
  })

  describe('used', () => {
    test('sums the rows below a run and those of the rounds before it, each once, and not its own', async () => {
      const totals = (turns: number) => ({ ...sampleRow('r').totals, turns, costNano: turns * 2 ** 40 })
      const workflow = { kind: 'workflow' } as const
      await bench.store.commit([
        beginning('w', { ...workflow }),
        beginning('w/a', { parentId: 'w', totals: { ...totals(1), estimated: 5, refused: 2 } }),
        beginning('w/a/b', { parentId: 'w/a', totals: totals(2) }),
        beginning('w~2', { ...workflow, root: 'w', round: 2 }),
        beginning('w~2/a', { parentId: 'w~2', totals: totals(4) }),
        beginning('w~3', { ...workflow, root: 'w', round: 3, parentId: null }),
        // What its children used stands in the row of a release before.
        beginning('old', { ...workflow, parentId: 'w~3', totals: totals(8) }),
        beginning('old/a', { parentId: 'old', totals: totals(8) }),
        beginning('other', { totals: totals(16) }),
      ])
      const found = await bench.store.used(['w', 'w/a', 'w~2', 'w~3', 'old', 'other', 'nobody'])
      expect(found.map(({ turns }) => turns)).toEqual([3, 2, 7, 15, 0, 0, 0])
      expect(found[0]).toEqual({ ...totals(3), estimated: 5, refused: 2 })
      expect(found[5]).toEqual(totals(0))
    })
  })

  describe('newest', () => {
    test('gives the last of the rounds that began with a run, also when the first is gone', async () => {
      const ended = { status: 'completed', endedAt: 1, owner: null } as const
      const rounds = Array.from({ length: 12 }, (_, index) =>
        beginning(index === 0 ? 'r1' : `r1~${index + 1}`, { ...ended, root: 'r1', round: index + 1 }),
      )
      await bench.store.commit([...rounds, beginning('r10', ended)])
      expect(await bench.store.newest('r1')).toMatchObject({ id: 'r1~12', round: 12 })
      expect(await bench.store.newest('r10')).toMatchObject({ id: 'r10', round: 1 })
      expect(await bench.store.newest('nobody')).toBeUndefined()

      await bench.store.commit([2, 3].map((round) => beginning(`gone~${round}`, { ...ended, root: 'gone', round })))
      expect(await bench.store.newest('gone')).toMatchObject({ id: 'gone~3', round: 3 })
    })
  })
}
