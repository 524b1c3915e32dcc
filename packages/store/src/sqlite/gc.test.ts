import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { beginning, sampleEntry } from '@reprise/testing/store-suite'
import { sqlite } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'reprise-gc-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('cleaning up thousands of runs leaves the event loop its turns, and lets others write in between', async () => {
  const store = sqlite(join(folder, 'many.db'), { durability: 'process' })
  const ended = (index: number) => ({
    ...beginning(`r${index}`, { status: 'completed', endedAt: 1, owner: null }),
    entries: Array.from({ length: 10 }, (_, seq) => sampleEntry(seq)),
  })
  for (let index = 0; index < 3_000; index += 500)
    await store.commit(Array.from({ length: 500 }, (_, more) => ended(index + more)))
  let over = false
  const deleting = store.gc(2, ['completed'], 10_000).finally(() => (over = true))

  let [partly, written] = [false, 0]
  while (!over) {
    await setImmediate()
    const [first, last] = await Promise.all([store.run('r0'), store.run('r2999')])
    partly ||= first === undefined && last !== undefined
    if (written < 5) await store.commit([beginning(`new${written++}`)])
  }
  expect(await deleting).toEqual(Array.from({ length: 3_000 }, (_, index) => `r${index}`))
  // Others see it half done, and write: how often is the machine's speed.
  expect(partly).toBe(true)
  expect(written).toBeGreaterThan(1)
  expect((await store.runs({})).map(({ id }) => id)).toEqual(
    Array.from({ length: written }, (_, index) => `new${index}`),
  )
  await store.close()
}, 240_000)

test('children of a run that goes on, however many, are passed over and not counted', async () => {
  const store = sqlite(join(folder, 'children.db'), { durability: 'process' })
  await store.commit([beginning('parent')])
  const child = (id: string, parentId: string | null) =>
    beginning(id, { status: 'failed', endedAt: 1, owner: null, parentId })
  await store.commit(Array.from({ length: 300 }, (_, index) => child(`c${index}`, 'parent')))
  await store.commit([child('x', null), child('y', null)])

  expect(await store.gc(2, ['completed', 'failed', 'cancelled'], 1)).toEqual(['x'])
  expect(await store.gc(2, ['completed', 'failed', 'cancelled'], 100)).toEqual(['y'])
  expect(await store.gc(2, ['completed', 'failed', 'cancelled'], 100)).toEqual([])
  await store.close()
})
