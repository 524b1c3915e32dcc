import { describe, expect, test } from 'vitest'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleRow } from './samples.ts'

const NONE = 'this store is closed by the last runtime that has it'

/** What is open as long as somebody holds a store, where it can be opened again. */
export function holdSuite(bench: Bench): void {
  describe('a store that several hold', () => {
    test('is the same for whoever holds it still, when one lets go, and says so twice', async ({ skip }) => {
      const hold = bench.store.hold?.bind(bench.store) ?? skip(NONE)
      const [ann, bob] = [hold('ann'), hold('bob')]
      await bench.store.commit([beginning('r1')])
      await ann()
      await ann()

      expect(await bench.store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
      await bob()
    })

    test('is used again as before, when all have let go', async ({ skip }) => {
      const hold = bench.store.hold?.bind(bench.store) ?? skip(NONE)
      await hold('ann')()
      const bob = hold('bob')
      await bench.store.commit([beginning('r1')])
      await bob()
      const again = hold('bob')

      expect(await bench.store.run('r1')).toEqual(sampleRow('r1'))
      expect(await bench.store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
      await again()
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
    })

    test('finishes what was asked for, when all let go in the middle of it', async ({ skip }) => {
      const hold = bench.store.hold?.bind(bench.store) ?? skip(NONE)
      const ann = hold('ann')
      const first = bench.store.commit([beginning('r1')])
      const gone = ann()
      const second = bench.store.commit([beginning('r2')])
      await gone

      expect([await first, await second]).toEqual([[{ kind: 'written' }], [{ kind: 'written' }]])
      expect((await bench.store.runs({})).map(({ id }) => id).toSorted()).toEqual(['r1', 'r2'])
    })
  })
}
