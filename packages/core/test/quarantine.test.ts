import { crashing, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { createRuntime, type Store } from '../src/index.ts'
import { byTurn, call, clerk, newWorld, outline, type World } from './world.fixture.ts'

const lines: string[] = []
const log = { info: () => undefined, warn: () => undefined, error: (line: string) => void lines.push(line) }
const model = () => byTurn([{ calls: [call('pay', 'a')] }, { text: 'done' }])

function runtimeOn(store: Store, world: World) {
  return createRuntime({ store, models: model(), definitions: [clerk], services: world, log })
}

/** A run whose every owner dies while it pays: as many as are asked for, after the one that began it. */
async function poison(world: World, owners: number): Promise<Store> {
  const store = memoryStore()
  for (let owner = 0; owner <= owners; owner++) {
    // What came of the payment is the third commit of who began the run, and the first of all others.
    const runtime = runtimeOn(crashing(store, { at: owner === 0 ? 3 : 1, side: 'before' }), world)
    const run = await (owner === 0 ? runtime.start(clerk, 'go', { id: 'r' }) : runtime.resume('r'))
    await run.outcome()
    await runtime.close()
  }
  return store
}

describe('a run whose owners die with it', () => {
  it('is put into quarantine when five in a row got it no further, and then nobody takes it up', async () => {
    const world = newWorld()
    const store = await poison(world, 5)
    expect(await store.run('r')).toMatchObject({ status: 'running', attempts: 5 })
    const paid = world.effects.length
    await using runtime = runtimeOn(store, world)
    const reason = 'Its last 5 owners died with it, and none got it further.'
    for (const run of [await runtime.resume('r'), await runtime.start(clerk, 'go', { id: 'r' })]) {
      expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'quarantined', reason } })
      await expect(run.result()).rejects.toThrow(
        `The run "r" waits: it is in quarantine. ${reason} Look at it, then call runtime.unquarantine.`,
      )
    }
    const worker = runtime.work()
    await worker.stop()
    expect(await store.run('r')).toMatchObject({ status: 'quarantined', owner: null })
    expect(world.effects.length).toBe(paid)
    expect(lines).toContain(`The run "r" is in quarantine: ${reason}`)
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('goes on when somebody has released it, who is journaled, and its owners are counted anew', async () => {
    const world = newWorld()
    const store = await poison(world, 5)
    await using runtime = runtimeOn(store, world)
    await (await runtime.resume('r')).outcome()
    await runtime.unquarantine('r', { by: 'ana' })
    expect(await store.run('r')).toMatchObject({ status: 'running', waiting: null, owner: null })
    await expect(runtime.unquarantine('r', { by: 'bob' })).rejects.toThrow(
      'The run "r" is not in quarantine: it is running. Only a run in quarantine is released.',
    )
    expect(await (await runtime.resume('r')).result()).toBe('done')
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'call.judged agent:0/turn:0/call:0',
      'run.quarantined run',
      'run.released run',
      'call.returned agent:0/turn:0/call:0',
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect(new Set(world.effects).size).toBe(1)
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is not counted against those that let go of it in good order', async () => {
    const world = newWorld()
    const store = await poison(world, 4)
    const released = runtimeOn(store, world)
    await released.resume('r')
    await released.close()
    expect((await store.run('r'))?.attempts).toBeLessThan(6)
    await using runtime = runtimeOn(store, world)
    expect(await (await runtime.resume('r')).result()).toBe('done')
  })

  it('can be cancelled in quarantine', async () => {
    const world = newWorld()
    const store = await poison(world, 5)
    await using runtime = runtimeOn(store, world)
    await (await runtime.resume('r')).outcome()
    await runtime.cancel('r', 'enough')
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'cancelled', reason: 'enough' })
    expect((await runtime.replay('r')).status).toBe('matched')
  })
})
