import { changedStore, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type Model, ModelError, type Store } from '../src/index.ts'
import { byTurn, call, clerk, clerkRuntime, hanging, newWorld, outline, untilCrash } from './world.fixture.ts'

/** Somebody takes a run, as it stands. */
async function takenBySomebody(store: Store, runId: string): Promise<void> {
  const row = await store.run(runId)
  const ownerHeartbeat = (await store.owners()).find(({ owner }) => owner === row?.owner)?.heartbeat ?? null
  if (row) await store.claim({ ...row, ownerHeartbeat }, { owner: 'somebody/1/2/3', heartbeat: 1 })
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe('a run with one owner', () => {
  it('is followed, not driven, by another runtime that resumes it', async () => {
    const store = memoryStore()
    const gate = Promise.withResolvers<void>()
    const clock = manualClock()
    const slow = scriptedModel(async () => {
      await gate.promise
      return { text: 'from the first' }
    })
    const parts = { definitions: [clerk], services: newWorld(), clock } as const
    await using one = createRuntime({ ...parts, store, models: slow })
    const never = scriptedModel([])
    await using two = createRuntime({ ...parts, store, models: never })
    const first = await one.start(clerk, 'go', { id: 'r' })
    const second = await two.start(clerk, 'go', { id: 'r' })
    const outcome = second.outcome()
    gate.resolve()
    await first.result()
    await clock.advance(2_000)
    expect(await outcome).toMatchObject({ kind: 'completed', output: 'from the first' })
    expect(never.requests).toBe(0)
  })

  it('is taken from an owner whose beat stands still, whose late writes are refused', async () => {
    const store = memoryStore()
    const gate = Promise.withResolvers<void>()
    const stopped = manualClock()
    const clock = manualClock()
    const world = newWorld()
    const parts = { definitions: [clerk], services: world, log: quiet } as const
    const late = scriptedModel(async () => {
      await gate.promise
      return { calls: [call('pay', 'a')] }
    })
    // The first runtime's clock stands: it does not beat, as a process that was stopped.
    const one = createRuntime({ ...parts, store, models: late, clock: stopped })
    const first = await one.start(clerk, 'go', { id: 'r' })
    await using two = createRuntime({ ...parts, store, models: byTurn([{ text: 'taken over' }]), clock })
    const second = await two.resume('r')
    for (let seconds = 0; seconds < 20; seconds++) await clock.advance(1_000)
    expect(await second.result()).toBe('taken over')
    gate.resolve()
    expect(await first.outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'interrupted', error: { code: 'run_lost' } },
    })
    expect(world.effects).toEqual([])
    expect(outline(await two.runs.entries('r'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'run.completed run',
    ])
    await one.close()
  })

  it('is not begun by an owner that lost it while it read its journal', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const read = Promise.withResolvers<void>()
    const held = changedStore(store, {
      entries: async (runId: string) => {
        if (runId === 'r') await read.promise
        return store.entries(runId)
      },
    })
    const asked: string[] = []
    const models = scriptedModel(({ runId }) => {
      asked.push(runId)
      return runId === 'r' ? { text: 'done' } : new Promise<never>(() => undefined)
    })
    const runtime = createRuntime({
      store: held,
      models,
      definitions: [clerk],
      services: newWorld(),
      clock,
      log: quiet,
    })
    // It beats for another run.
    await runtime.start(clerk, 'go', { id: 'other' })
    // Its process dies after its first turn.
    const dying = createRuntime({
      store: crashing(store, { at: 2, side: 'after' }),
      models: byTurn([{ calls: [call('look', 'a')] }]),
      definitions: [clerk],
      services: newWorld(),
      log: quiet,
    })
    await untilCrash(dying, async () => (await dying.start(clerk, 'go', { id: 'r' })).outcome())
    expect(await store.run('r')).toMatchObject({ status: 'running' })
    const resumed = runtime.resume('r')
    await clock.advance(1_500)
    await takenBySomebody(store, 'r')
    await clock.advance(1_500)
    read.resolve()
    const outcome = (await resumed).outcome()
    for (let seconds = 0; seconds < 3; seconds++) await clock.advance(1_000)
    expect(asked).toEqual(['other'])
    expect(await outcome).toMatchObject({ kind: 'waiting', waiting: { error: { code: 'run_lost' } } })
    const closed = runtime.close()
    for (let seconds = 0; seconds < 12; seconds++) await clock.advance(1_000)
    await closed
  })

  it('stays with an owner that lives, however long its model takes', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const gate = Promise.withResolvers<void>()
    const slow = scriptedModel(async () => {
      await gate.promise
      return { text: 'at last' }
    })
    const parts = { definitions: [clerk], services: newWorld(), clock, log: quiet } as const
    await using one = createRuntime({ ...parts, store, models: slow })
    const never = scriptedModel([])
    await using two = createRuntime({ ...parts, store, models: never })
    const run = await one.start(clerk, 'go', { id: 'r' })
    await two.resume('r')
    const worker = two.work()
    for (let seconds = 0; seconds < 60; seconds++) await clock.advance(1_000)
    gate.resolve()
    expect(await run.result()).toBe('at last')
    expect(await store.run('r')).toMatchObject({ epoch: 1, status: 'completed' })
    expect(never.requests).toBe(0)
    await worker.stop()
  })

  it('is not taken from its owner when the clock jumps an hour, either way', async () => {
    const store = memoryStore()
    const manual = manualClock({ now: 7_200_000 })
    let jumpMs = 0
    const clock = { ...manual, now: () => manual.now() + jumpMs }
    const parts = { definitions: [clerk], services: newWorld(), log: quiet } as const
    // Its beat comes on a clock that goes on as it always did.
    await using one = createRuntime({ ...parts, store, models: hanging, clock: manual })
    const run = await one.start(clerk, 'go', { id: 'r' })
    await using two = createRuntime({ ...parts, store, models: hanging, clock })
    const worker = two.work()
    await manual.advance(2_000)
    for (const jump of [3_600_000, -3_600_000]) {
      jumpMs = jump
      await manual.advance(2_000)
      expect(await store.run('r')).toMatchObject({ epoch: 1, status: 'running' })
    }
    await run.cancel()
    await run.outcome()
    await worker.stop()
  })

  it('is taken by a worker, too, from an owner of another machine whose beat stands still', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const parts = { definitions: [clerk], services: newWorld(), log: quiet } as const
    const stopped = createRuntime({ ...parts, store, models: hanging, clock: manualClock() })
    await stopped.start(clerk, 'go', { id: 'r' })
    await using runtime = createRuntime({ ...parts, store, models: byTurn([{ text: 'by the worker' }]), clock })
    const worker = runtime.work()
    for (let seconds = 0; seconds < 14; seconds++) await clock.advance(1_000)
    expect(await store.run('r')).toMatchObject({ epoch: 1, status: 'running' })
    for (let seconds = 0; seconds < 3; seconds++) await clock.advance(1_000)
    expect(await store.run('r')).toMatchObject({ epoch: 2, status: 'completed' })
    const ended = Promise.all([worker.stop(), stopped.close()])
    await clock.advance(1_000)
    void ended
  })

  it('stays with an owner whose beat another process saw before it was stopped in the middle of its look', async () => {
    const store = memoryStore()
    const clock = manualClock()
    let answered = Promise.resolve()
    const slow = changedStore(store, {
      owners: async () => Promise.all([store.owners(), answered]).then(([seen]) => seen),
    })
    const parts = { definitions: [clerk], services: newWorld(), log: quiet } as const
    const standing = manualClock()
    const owner = createRuntime({ ...parts, store, models: hanging, clock: standing })
    const before = await owner.start(clerk, 'go', { id: 'before' })
    const runtime = createRuntime({ ...parts, store: slow, models: hanging, clock })
    runtime.work()
    for (let seconds = 0; seconds < 10; seconds++) await clock.advance(1_000)
    const gate = Promise.withResolvers<void>()
    answered = gate.promise
    await clock.advance(20_000)
    // The owner's newest run has beaten as often as the one that was seen.
    await before.cancel()
    await before.outcome()
    await owner.start(clerk, 'go', { id: 'r' })
    gate.resolve()
    for (let seconds = 0; seconds < 3; seconds++) await clock.advance(1_000)
    expect(await store.run('r')).toMatchObject({ epoch: 1, status: 'running' })
    const ended = Promise.all([runtime.close(), owner.close()])
    await Promise.all([clock.advance(60_000), standing.advance(60_000)])
    await ended
  })

  it('is stopped at once when its lease is lost, before it does anything more', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const busy = new ModelError({ code: 'busy', message: 'Busy.', retryable: true, retryAfterMs: 5_000 })
    const model = scriptedModel([busy, { text: 'late' }])
    await using runtime = createRuntime({
      store,
      models: model,
      definitions: [clerk],
      services: newWorld(),
      clock,
      log: quiet,
    })
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    while ((await store.entries('r')).length < 2) await clock.advance(0)
    await takenBySomebody(store, 'r')
    await clock.advance(1_000)
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { error: { code: 'run_lost' } } })
    await clock.advance(60_000)
    expect(model.requests).toBe(1)
  })

  it('begins nothing more while the store does not say that it is still its own', async () => {
    const store = memoryStore()
    const clock = manualClock()
    let isAway = false
    const deaf = changedStore(store, {
      heartbeat: (owner, beat) =>
        isAway ? Promise.reject(new Error('The disk is away.')) : store.heartbeat(owner, beat),
    })
    const busy = new ModelError({ code: 'busy', message: 'Busy.', retryable: true, retryAfterMs: 10_000 })
    const model = scriptedModel([busy, { text: 'late' }])
    const parts = { models: model, definitions: [clerk], services: newWorld(), clock, log: quiet } as const
    await using runtime = createRuntime({ store: deaf, ...parts })
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    const outcome = run.outcome()
    while ((await store.entries('r')).length < 2) await clock.advance(0)
    isAway = true
    await clock.advance(10_000)
    expect(await outcome).toMatchObject({ kind: 'waiting', waiting: { error: { message: 'The disk is away.' } } })
    expect(model.requests).toBe(1)
  })

  it('begins nothing by a write alone, which keeps nobody from taking it just then', async () => {
    const store = memoryStore()
    const manual = manualClock()
    let asleepMs = 0
    const clock = { ...manual, monotonic: () => manual.monotonic() + asleepMs }
    const gate = Promise.withResolvers<void>()
    const model = scriptedModel(async () => {
      await gate.promise
      return { calls: [call('pay', 'a')] }
    })
    const taken = changedStore(store, {
      commit: async (writes) => {
        const results = await store.commit(writes)
        if (writes.some(({ entries }) => entries.some(({ kind }) => kind === 'model.replied')))
          await takenBySomebody(store, 'r')
        return results
      },
    })
    const world = newWorld()
    await using runtime = createRuntime({ store: taken, models: model, definitions: [clerk], services: world, clock })
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    while (model.requests < 1) await manual.advance(0)
    // The process sleeps for longer than a lease, and writes as soon as it goes on.
    asleepMs = 16_000
    gate.resolve()
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { error: { code: 'run_lost' } } })
    expect(world.effects).toEqual([])
  })

  it('stays with an owner that has beaten, whichever of its runs have ended since', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const parts = { store, models: hanging, definitions: [clerk], services: newWorld(), log: quiet } as const
    const standing = manualClock()
    const owner = createRuntime({ ...parts, clock: standing })
    const before = await owner.start(clerk, 'go', { id: 'before' })
    await standing.advance(1_000)
    await owner.start(clerk, 'go', { id: 'r' })
    const runtime = createRuntime({ ...parts, clock })
    runtime.work()
    for (let seconds = 0; seconds < 14; seconds++) await clock.advance(1_000)
    await standing.advance(1_000)
    await before.cancel()
    await before.outcome()
    for (let seconds = 0; seconds < 5; seconds++) await clock.advance(1_000)
    expect(await store.run('r')).toMatchObject({ epoch: 1, status: 'running' })
    const ended = Promise.all([runtime.close(), owner.close()])
    await Promise.all([clock.advance(60_000), standing.advance(60_000)])
    await ended
  })

  it('stays with an owner that beats just when it is to be taken', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const parts = { definitions: [clerk], services: newWorld(), log: quiet } as const
    const stopped = manualClock()
    const owner = createRuntime({ ...parts, store, models: hanging, clock: stopped })
    await owner.start(clerk, 'go', { id: 'r' })
    let attempts = 0
    const late = changedStore(store, {
      take: async (taker, filter) => {
        for (const { owner } of filter.gone) await store.heartbeat(owner, ++attempts)
        return store.take(taker, filter)
      },
    })
    const runtime = createRuntime({ ...parts, store: late, models: hanging, clock })
    runtime.work()
    for (let seconds = 0; seconds < 20; seconds++) await clock.advance(1_000)
    expect(attempts).toBeGreaterThan(0)
    expect(await store.run('r')).toMatchObject({ epoch: 1, status: 'running' })
    const ended = Promise.all([runtime.close(), owner.close()])
    await Promise.all([clock.advance(60_000), stopped.advance(60_000)])
    await ended
  })

  it('does not abort the others of a commit when it is lost', async () => {
    const store = memoryStore()
    const gate = Promise.withResolvers<void>()
    const model = scriptedModel(async () => {
      await gate.promise
      return { text: 'done' }
    })
    await using runtime = createRuntime({
      store,
      models: model,
      definitions: [clerk],
      services: newWorld(),
      log: quiet,
    })
    const [lost, kept] = await Promise.all([
      runtime.start(clerk, 'go', { id: 'lost' }),
      runtime.start(clerk, 'go', { id: 'kept' }),
    ])
    await takenBySomebody(store, 'lost')
    gate.resolve()
    expect(await lost.outcome()).toMatchObject({ kind: 'waiting', waiting: { error: { code: 'run_lost' } } })
    expect(await kept.result()).toBe('done')
  })
})

describe('cancel', () => {
  it('ends a run that is under way, aborting what it does, and stays so', async () => {
    await using runtime = clerkRuntime(hanging, newWorld())
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    await run.cancel()
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled', reason: 'cancelled' })
    await run.cancel('again')
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'cancelled', reason: 'cancelled' })
    expect(outline(await runtime.runs.entries('r'))).toEqual(['run.started run', 'run.cancelled run'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('keeps what the model had said of a reply that was under way', async () => {
    const said = Promise.withResolvers<void>()
    const talking: Model = {
      async *ask(_request, signal) {
        yield { kind: 'text', delta: 'Your order ' }
        yield { kind: 'text', delta: 'is on' }
        said.resolve()
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      },
    }
    await using runtime = clerkRuntime(talking, newWorld())
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    await said.promise
    await run.cancel('enough')
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled', reason: 'enough', text: 'Your order is on' })
    expect((await runtime.runs.entries('r')).at(-1)?.body).toEqual({
      reason: 'enough',
      text: 'Your order is on',
      spent: {},
    })
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('stays in the inbox until the run has ended, and leaves a once call that goes on in doubt', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const started = Promise.withResolvers<void>()
    const deaf = defineTool({
      name: 'deaf',
      description: 'Heeds no signal.',
      input: z.object({}),
      effect: 'once',
      execute: () => {
        started.resolve()
        return new Promise<string>(() => undefined)
      },
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [deaf] })
    await using runtime = createRuntime({
      store,
      models: byTurn([{ calls: [{ name: 'deaf' }] }]),
      definitions: [agent],
      clock,
    })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    await started.promise
    await run.cancel('enough')
    await clock.advance(4_000)
    expect((await store.inbox('r')).length).toBe(1)
    await clock.advance(1_000)
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled', reason: 'enough' })
    expect(await store.inbox('r')).toEqual([])
    expect(outline(await runtime.runs.entries('r')).slice(2)).toEqual([
      'call.intended agent:0/turn:0/call:0',
      'call.doubted agent:0/turn:0/call:0',
      'run.cancelled run',
    ])
  })

  it('ends a run that nobody drives, and one that another runtime drives', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const parts = { definitions: [clerk], services: newWorld(), clock } as const
    const one = createRuntime({ ...parts, store, models: hanging })
    const first = await one.start(clerk, 'go', { id: 'elsewhere' })
    const two = createRuntime({ ...parts, store, models: hanging })
    await two.cancel('elsewhere', 'from outside')
    await clock.advance(1_000)
    expect(await first.outcome()).toMatchObject({ kind: 'cancelled', reason: 'from outside' })
    await one.start(clerk, 'go', { id: 'left' })
    const closing = one.close()
    await clock.advance(25_000)
    await closing
    await two.cancel('left', 'too late')
    expect(await two.runs.get('left')).toMatchObject({ status: 'cancelled', owner: null })
  })
})

describe('closing a runtime', () => {
  it('leaves no once call in doubt that was never made', async () => {
    const store = memoryStore()
    const world = newWorld()
    const asked = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const paid = scriptedModel(async () => {
      asked.resolve()
      await gate.promise
      return { calls: [call('mail', 'a')] }
    })
    const one = createRuntime({ store, models: paid, definitions: [clerk], services: world })
    await one.start(clerk, 'go', { id: 'r' })
    await asked.promise
    const closing = one.close()
    gate.resolve()
    await closing
    await using two = createRuntime({
      store,
      models: byTurn([{}, { text: 'done' }]),
      definitions: [clerk],
      services: world,
    })
    expect(await (await two.resume('r')).result()).toBe('done')
    expect(world.effects).toEqual(['mail a r/agent:0/turn:0/call:0'])
  })

  it('lets what is under way end and writes it, starts nothing more, and leaves the run to be resumed', async () => {
    const store = memoryStore()
    const world = newWorld()
    const asked = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const paid = scriptedModel(async () => {
      asked.resolve()
      await gate.promise
      return { calls: [call('pay', 'a')] }
    })
    const one = createRuntime({ store, models: paid, definitions: [clerk], services: world })
    const run = await one.start(clerk, 'go', { id: 'r' })
    await asked.promise
    const closing = one.close()
    gate.resolve()
    await closing
    expect(await run.outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'interrupted', error: { code: 'runtime_stopped' } },
    })
    expect(world.effects).toEqual([])
    await expect(one.start(clerk, 'go')).rejects.toThrow('This runtime is closed. Make another one with createRuntime.')
    const next = byTurn([{ text: 'not asked' }, { text: 'done' }])
    await using two = createRuntime({ store, models: next, definitions: [clerk], services: world })
    expect(await (await two.resume('r')).result()).toBe('done')
    expect(next.requests).toBe(1)
    expect(world.effects).toEqual(['pay a all r/agent:0/turn:0/call:0'])
  })
})
