import { expect, test } from 'vitest'
import { TX } from '@reprise/core'
import { memoryStore } from './memory-store.ts'
import { appending, beginning } from '../store-suite/samples.ts'
import { storeSuite } from '../store-suite/suite.ts'

let last = memoryStore()
storeSuite('the memory store', {
  open: async () => (last = memoryStore()),
  openAgain: async () => last,
  transaction: (_, work) => last.transaction((tx) => void work(tx)),
})

let lastAsync = memoryStore()
storeSuite('the memory store whose transactions are asynchronous', {
  open: async () => (lastAsync = memoryStore({ transacts: 'async' })),
  openAgain: async () => lastAsync,
})

test('what a transactional tool writes is kept with its entry', async () => {
  const store = memoryStore()
  await store.commit([beginning('r1')])
  await store.transact('r1', 1, (handle) => {
    store.tx({ [TX]: handle }).set('stock', 3)
    return appending('r1', 1)
  })
  await store.transact('r1', 1, (handle) => {
    expect(store.tx({ [TX]: handle }).get('stock')).toBe(3)
    return appending('r1', 2)
  })

  expect(await store.entries('r1')).toHaveLength(3)
})

test('what a transactional tool writes before it throws, or before its run is refused, is not kept', async () => {
  const store = memoryStore()
  await store.commit([beginning('r1')])
  const failing = store.transact('r1', 1, (handle) => {
    store.tx({ [TX]: handle }).set('stock', 3)
    throw new Error('sold out')
  })
  await expect(failing).rejects.toThrow('sold out')
  await store.transact('r1', 1, (handle) => {
    store.tx({ [TX]: handle }).set('stock', 3)
    return appending('r1', 5)
  })
  await store.transact('r1', 1, (handle) => {
    expect([...store.tx({ [TX]: handle }).keys()]).toEqual([])
    return appending('r1', 1)
  })

  expect(await store.entries('r1')).toHaveLength(2)
})

test('the tables are refused outside of a transaction', async () => {
  const store = memoryStore()
  await store.commit([beginning('r1')])
  let kept: unknown
  await store.transact('r1', 1, (handle) => {
    kept = handle
    return appending('r1', 1)
  })
  const message = `store.tx(ctx) was called where no transaction of this memory store is open. It gives its tables inside the execute of a tool with effect: 'transactional', with that tool's own ctx. Declare the tool so.`

  expect(() => store.tx({ [TX]: kept })).toThrow(message)
  expect(() => store.tx({})).toThrow(message)
})
