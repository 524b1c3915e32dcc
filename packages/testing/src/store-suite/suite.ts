import { afterEach, beforeEach, describe } from 'vitest'
import type { Store } from '@reprise/core'
import type { Bench, StoreMaker } from './bench.ts'
import { auditSuite } from './audit.ts'
import { besideSuite } from './beside.ts'
import { commitSuite } from './commit.ts'
import { earlySuite } from './early.ts'
import { entriesSuite } from './entries.ts'
import { eraseSuite } from './erase.ts'
import { factsSuite } from './facts.ts'
import { gcSuite } from './gc.ts'
import { holdSuite } from './hold.ts'
import { inboxSuite } from './inbox.ts'
import { leaseSuite } from './lease.ts'
import { lineSuite } from './line.ts'
import { queueSuite } from './queue.ts'
import { refusalSuite } from './refusal.ts'
import { runsSuite } from './runs.ts'
import { schedulesSuite } from './schedules.ts'
import { secretsSuite } from './secrets.ts'
import { standingSuite } from './standing.ts'
import { takeSuite } from './take.ts'
import { transactSuite } from './transact.ts'
import { twoSuite } from './two.ts'
import { withinSuite } from './within.ts'

export type { StoreMaker } from './bench.ts'
export { appending, beginning, sampleEntry, sampleMessage, sampleRow } from './samples.ts'

/**
 * Holds a store to every sentence of its contract, as vitest tests. Call it in a test file of yours; it closes each
 * store that it got. `transact` and `hold` are tried where the store has them.
 *
 * @param name of the store, as the report says it.
 * @example
 * ```ts no-run: this entry is for files that Vitest runs
 * import { memoryStore } from '@reprise/testing'
 * import { storeSuite } from '@reprise/testing/store-suite'
 *
 * storeSuite('the memory store', { open: async () => memoryStore() })
 * ```
 */
export function storeSuite(name: string, maker: StoreMaker): void {
  describe(`the contract of ${name}`, () => {
    const opened: Store[] = []
    const bench: Bench = {
      get store() {
        return opened[0] as Store // opened before each test
      },
      async again() {
        const store = await maker.openAgain?.()
        if (store === undefined) throw new Error('only called where maker.openAgain is there')
        opened.push(store)
        return store
      },
      transaction: maker.transaction?.bind(maker),
    }
    beforeEach(async () => {
      opened.push(await maker.open())
    })
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })
    const parts = [
      commitSuite,
      refusalSuite,
      standingSuite,
      besideSuite,
      entriesSuite,
      transactSuite,
      leaseSuite,
      holdSuite,
      takeSuite,
      queueSuite,
      lineSuite,
      gcSuite,
      runsSuite,
      inboxSuite,
      earlySuite,
      schedulesSuite,
      factsSuite,
      secretsSuite,
      eraseSuite,
      auditSuite,
      withinSuite,
    ]
    for (const part of maker.openAgain ? [...parts, twoSuite] : parts) part(bench)
  })
}
