// What it costs to make sure that runs are this runtime's before anything of them is begun (invariant 8).
import { changedStore, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { createRuntime, type Store } from '../src/index.ts'
import { clerk, newWorld } from './world.fixture.ts'

const MANY = 50

it('holds many runs that were begun while a beat was answered against the store at once, by one more beat', async () => {
  const kept = memoryStore()
  const clock = manualClock()
  const begun = Promise.withResolvers<void>()
  let [beats, looks] = [0, 0]
  const store = changedStore(kept, {
    commit: async (writes: Parameters<Store['commit']>[0]) => {
      const results = await kept.commit(writes)
      if (writes.some(({ create }) => create && create.id !== 'first')) await begun.promise
      return results
    },
    heartbeat: (owner: string, beat: number) => {
      beats += 1
      return kept.heartbeat(owner, beat)
    },
    owned: (owner: string) => {
      looks += 1
      return kept.owned(owner)
    },
  })
  const hang = Promise.withResolvers<void>()
  const models = scriptedModel(async ({ runId }) => {
    if (runId === 'first') await hang.promise
    return { text: 'done' }
  })
  const runtime = createRuntime({ store, models, definitions: [clerk], services: newWorld(), clock })
  // It beats for this one.
  const first = await runtime.start(clerk, 'go', { id: 'first' })
  const starting = Array.from({ length: MANY }, (_, n) => runtime.start(clerk, 'go', { id: `run-${n}` }))
  await clock.advance(1_500)
  expect(beats).toBe(1)
  begun.resolve()
  const runs = await Promise.all(starting)
  expect(await Promise.all(runs.map((run) => run.result()))).toEqual(Array.from({ length: MANY }, () => 'done'))
  expect({ beats, looks }).toEqual({ beats: 2, looks: 2 })
  hang.resolve()
  await first.result()
  await runtime.close()
})
