// Runs whose process died after any of their writes: a candidate that does the same is found the same, and asked no more than
// the recording says.
import { crashing, memoryStore } from '@reprise/testing'
import { afterEach, expect, test } from 'vitest'
import { clerk, desk, playing, readOnly, runtimeOn, world } from './backtest.fixture.ts'
import { untilCrash } from './world.fixture.ts'

afterEach(() => {
  world.frozen = false
})

test.each(['parallel', 'rules', 'repair', 'unusable', 'twice', 'route'])('%s', async (said) => {
  let open = true
  for (let at = 1; open; at++) {
    world.frozen = false
    const store = memoryStore()
    const dying = runtimeOn(crashing(store, { at, side: 'after' }), playing())
    const definition = said === 'route' ? desk : clerk
    await untilCrash(dying, async () => (await dying.start(definition, said, { id: said })).outcome())
    const models = playing()
    await using runtime = runtimeOn(readOnly(store), models)
    world.frozen = true
    const { runs } = await runtime.backtest({ ids: [said] }, { model: 'luna' })
    const [run] = runs
    const { turns } = run?.recorded.used ?? {}
    expect(run, `after write ${at}`).toMatchObject({ status: 'same', coverage: { turns, of: turns }, parted: null })
    expect(models.requests, `after write ${at}`).toBe(turns)
    open = (await store.entries(said)).at(-1)?.kind !== 'run.completed'
  }
})
