import { describe, expect, test } from 'vitest'
import type { Store } from '@reprise/core'
import type { Bench } from './bench.ts'
import { appending, beginning, sampleEntry, sampleMessage, sampleRow } from './samples.ts'

type Transact = NonNullable<Store['transact']>

const NONE = 'this store has no transactions'

/** What `transact` does, where a store has it. */
export function transactSuite(bench: Bench): void {
  /** Begins a run, and gives the store's `transact`, where it has one. */
  const begun = async (): Promise<Transact | undefined> => {
    await bench.store.commit([beginning('r1')])
    return bench.store.transact?.bind(bench.store)
  }

  describe('transact', () => {
    test('runs the effect with a handle and writes what it returns', async ({ skip }) => {
      const transact = (await begun()) ?? skip(NONE)
      const handles: unknown[] = []
      await bench.store.send(sampleMessage('r1', 'a'))
      const result = await transact('r1', 1, (handle) => {
        handles.push(handle)
        return { ...appending('r1', 1), consumed: ['a'], release: true }
      })

      expect(result).toEqual({ kind: 'written' })
      expect(handles).toEqual([expect.anything()])
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
      expect(await bench.store.inbox('r1')).toEqual([])
      expect(await bench.store.run('r1')).toEqual(sampleRow('r1', { owner: null }))
    })

    test('rethrows what the effect throws, as it is, and writes nothing', async ({ skip }) => {
      const transact = (await begun()) ?? skip(NONE)
      const thrown = new TypeError('no such product')
      const failing = transact('r1', 1, () => {
        throw thrown
      })

      await expect(failing).rejects.toBe(thrown)
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
      expect(await bench.store.commit([appending('r1', 1)])).toEqual([{ kind: 'written' }])
    })

    test('does not run the effect of a run at another epoch, or of none', async ({ skip }) => {
      const transact = (await begun()) ?? skip(NONE)
      let effects = 0
      const effect = () => {
        effects++
        return appending('r1', 1)
      }

      expect(await transact('r1', 2, effect)).toEqual({ kind: 'stale' })
      expect(await transact('nobody', 1, effect)).toEqual({ kind: 'stale' })
      expect(effects).toBe(0)
    })

    test('waits for an effect that is a promise, where the store says that it may be', async ({ skip }) => {
      const transact = (await begun()) ?? skip(NONE)
      if (bench.store.transacts === 'sync') skip('an effect of this store must not be a promise')
      const failing = transact('r1', 1, () => Promise.reject(new TypeError('no such product')))
      await expect(failing).rejects.toEqual(new TypeError('no such product'))
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])

      const result = await transact('r1', 1, async () => {
        await new Promise((resolve) => setImmediate(resolve))
        return appending('r1', 1)
      })
      expect(result).toEqual({ kind: 'written' })
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0), sampleEntry(1)])
    })

    test('writes nothing when what the effect returns is refused', async ({ skip }) => {
      const transact = (await begun()) ?? skip(NONE)
      expect(await transact('r1', 1, () => appending('r1', 5))).toEqual({ kind: 'stale' })
      expect(await bench.store.entries('r1')).toEqual([sampleEntry(0)])
    })
  })
}
