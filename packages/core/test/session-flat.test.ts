// What a turn costs does not grow with the turns before it (invariant 1).
import { changedStore, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { createRuntime, defineAgent } from '../src/index.ts'

it('a warm turn reads and writes the same, the two hundredth as the twentieth', async () => {
  const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Help.' })
  const models = scriptedModel(({ items }) => ({ text: `answer ${String(items.length).padStart(5)}` }))
  const inner = memoryStore()
  let [read, written] = [0, 0]
  const store = changedStore(inner, {
    entries: async (...given) => {
      const entries = await inner.entries(...given)
      read += entries.length
      return entries
    },
    runs: async (filter) => {
      const rows = await inner.runs(filter)
      read += rows.length
      return rows
    },
    commit: async (writes) => {
      written += JSON.stringify(writes).length
      return inner.commit(writes)
    },
  })
  await using runtime = createRuntime({ store, models, definitions: [desk] })
  const costs: { readonly read: number; readonly written: number }[] = []
  for (let turn = 1; turn <= 200; turn++) {
    ;[read, written] = [0, 0]
    const id = `m${String(turn).padStart(3, '0')}`
    await (await runtime.session('chat', { agent: desk }).send('Hello', { id })).result()
    costs.push({ read, written })
  }
  const [twentieth, last] = [costs[19], costs[199]]
  if (!twentieth || !last) throw new Error('There are no such turns')
  expect(last.read).toBe(twentieth.read)
  expect(last.read).toBeLessThanOrEqual(2)
  expect(last.written / twentieth.written).toBeLessThan(1.02)
})
