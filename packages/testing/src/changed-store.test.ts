import { expect, test } from 'vitest'
import { changedStore, memoryStore, type StoreChanges } from './index.ts'
import { beginning } from './store-suite/samples.ts'

test('a changed store does what is changed in its way, and the rest as the store does', async () => {
  const store = memoryStore()
  const seen: number[] = []
  const changes: StoreChanges = {
    commit: (writes) => {
      seen.push(writes.length)
      return store.commit(writes)
    },
  }
  const counted = changedStore(store, changes)
  await counted.commit([beginning('r1'), beginning('r2')])
  await store.commit([beginning('r3')])
  expect(seen).toEqual([2])
  expect((await counted.run('r3'))?.status).toBe('running')
  expect(await counted.entries('r1')).toEqual(await store.entries('r1'))
})

test('a function that is changed to undefined is missing there, and the store has it still', () => {
  const store = memoryStore()
  const keyless = changedStore(store, { secrets: undefined })
  expect([keyless.secrets === undefined, 'secrets' in keyless, 'commit' in keyless]).toEqual([true, false, true])
  expect('secrets' in store).toBe(true)
})
