// What failing stores, jumping clocks and dying processes must not do to a run: each was found by the simulation.
import { changedStore, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  createRuntime,
  defineAgent,
  defineSignal,
  defineWorkflow,
  ModelError,
  type Owners,
  type Store,
  StoreError,
  type WorkflowContext,
} from '../src/index.ts'
import { byTurn, call, clerk, clerkRuntime, hanging, newWorld, outline } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

function workflow<T>(name: string, run: (ctx: WorkflowContext, input: string) => Promise<T>) {
  return defineWorkflow({ name, input: z.string(), run })
}

/** The same store, and the runs that ended in it, in that order. */
function watchingEnds(store: Store): { readonly ends: string[]; readonly watched: Store } {
  const ends: string[] = []
  const watched = changedStore(store, {
    commit: (writes) => {
      for (const { runId, row } of writes) if (row?.endedAt) ends.push(runId)
      return store.commit(writes)
    },
  })
  return { ends, watched }
}

/** Owners of whom nothing is known but their beats. */
const strangers: Owners = { name: () => 'stranger', isGone: () => false, isGoneWhole: () => false }

const away = new StoreError({ code: 'store_io', message: 'The disk is away.' })

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
}

describe('the row of a run', () => {
  it('names the call that it waits for now, when one before it is settled', async () => {
    const store = memoryStore()
    const model = byTurn([{ calls: [call('mail', 'a'), call('mail', 'b')] }])
    const dying = clerkRuntime(model, newWorld(), crashing(store, { at: 2, side: 'after' }))
    await (await dying.start(clerk, 'go', { id: 'r' })).outcome()
    await using runtime = clerkRuntime(model, newWorld(), store)
    await (await runtime.resume('r')).outcome()
    const [first, second] = ['agent:0/turn:0/call:0', 'agent:0/turn:0/call:1'] as const
    const doubt = { kind: 'in-doubt', tool: 'mail', agent: 'clerk' } as const
    const of = (key: string, id: string) => ({ ...doubt, key, id: key, arguments: { id } })
    expect((await runtime.runs.get('r')).waiting).toEqual(of(first, 'a'))
    await (await runtime.resolve('r', first, { happened: true, result: null })).outcome()
    expect((await runtime.runs.get('r')).waiting).toEqual(of(second, 'b'))
    expect(await (await runtime.settleDoubt('r', second, { happened: true, result: null })).result()).toBe('done')
  })
})

describe('a workflow that is cancelled while nobody drives it', () => {
  it('has its children ended before it ends itself, by whoever takes it up', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 1_000 })
    const child = workflow('child', (ctx) => ctx.sleep(1e9))
    const flow = workflow('flow', (ctx) => ctx.child(child, ''))
    const parts = { models: hanging, definitions: [flow, child], clock, log: quiet } as const
    const one = createRuntime({ ...parts, store })
    await one.start(flow, '', { id: 'r' })
    while ((await store.entries('r/child:child')).length < 2) await clock.advance(0)
    await one.close()
    await store.send({ runId: 'r', dedupe: 'cancel', kind: 'cancel', body: 'enough', at: 0 })
    const { ends, watched } = watchingEnds(store)
    await using two = createRuntime({ ...parts, store: watched })
    expect(await (await two.resume('r')).outcome()).toMatchObject({ kind: 'cancelled', reason: 'enough' })
    expect(ends).toEqual(['r/child:child', 'r'])
    expect(await store.run('r')).toMatchObject({ owner: null })
  })
})

describe('a child whose parent is cancelled', () => {
  const child = workflow('child', (ctx) => ctx.sleep(1e9))
  const flow = workflow('flow', (ctx) => ctx.child(child, ''))
  const helper = defineAgent({ name: 'helper', model: 'm', instructions: '' })
  const asker = defineAgent({
    name: 'asker',
    model: 'm',
    instructions: '',
    tools: [agentTool(helper, { name: 'ask', description: 'Asks.' })],
  })
  const asking = scriptedModel(({ card }, _nth, signal) =>
    card.agent === 'asker' ? { calls: [{ name: 'ask', arguments: { task: 'go' } }] } : aborted(signal),
  )

  it.each([
    [flow, 'r/child:child'],
    [asker, 'r/agent:0/turn:0/call:0'],
  ] as const)('is cancelled too, though the store fails when it is told: %o', async (definition, childId) => {
    const store = memoryStore()
    const clock = manualClock({ now: 1_000 })
    let failures = 3
    const failing = changedStore(store, {
      send: (message) => (message.runId === childId && failures-- > 0 ? Promise.reject(away) : store.send(message)),
    })
    const definitions = [flow, child, asker, helper] as const
    await using runtime = createRuntime({ store: failing, models: asking, definitions, clock, log: quiet })
    const run = await runtime.start(definition as typeof flow, 'go', { id: 'r' })
    while ((await store.entries(childId)).length < 1) await clock.advance(0)
    const outcome = run.outcome()
    await run.cancel('enough')
    await clock.advance(5_000)
    expect(await outcome).toMatchObject({ kind: 'waiting', waiting: { error: { message: 'The disk is away.' } } })
    const worker = runtime.work()
    for (let looks = 0; looks < 20; looks++) await clock.advance(250)
    expect(await store.run(childId)).toMatchObject({ status: 'cancelled', owner: null })
    expect(await store.run('r')).toMatchObject({ status: 'cancelled', owner: null })
    await worker.stop()
  })

  it('is told before its parent ends, however long the store takes for that', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 1_000 })
    const gate = Promise.withResolvers<void>()
    const slow = changedStore(store, {
      send: async (message) => {
        if (message.runId === 'r/child:child') await gate.promise
        return store.send(message)
      },
    })
    const parts = { models: hanging, definitions: [flow, child], clock, log: quiet } as const
    await using runtime = createRuntime({ store: slow, ...parts })
    const run = await runtime.start(flow, '', { id: 'r' })
    while ((await store.entries('r/child:child')).length < 2) await clock.advance(0)
    await run.cancel()
    await clock.advance(600_000)
    expect(await store.run('r')).toMatchObject({ endedAt: null })
    gate.resolve()
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled' })
    expect(await (await runtime.resume('r/child:child')).outcome()).toMatchObject({ kind: 'cancelled' })
  })

  it('is cancelled first where nobody drives either, so that no crash can leave it behind', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 1_000 })
    const parts = { models: hanging, definitions: [flow, child], clock, log: quiet } as const
    const one = createRuntime({ ...parts, store })
    await one.start(flow, '', { id: 'r' })
    while ((await store.entries('r/child:child')).length < 2) await clock.advance(0)
    await one.close()
    const { ends, watched } = watchingEnds(store)
    await using two = createRuntime({ ...parts, store: watched })
    await two.cancel('r')
    expect(ends).toEqual(['r/child:child', 'r'])
  })
})

describe('a store that fails when a child of an agent is to be begun', () => {
  it('interrupts the run, and is not told to the model', async () => {
    const store = memoryStore()
    let failures = 1
    const failing = changedStore(store, {
      commit: (writes) =>
        writes.some(({ create }) => create?.parentId) && failures-- > 0 ? Promise.reject(away) : store.commit(writes),
    })
    const helper = defineAgent({ name: 'helper', model: 'm', instructions: '' })
    const tools = [agentTool(helper, { name: 'ask', description: 'Asks.' })]
    const asker = defineAgent({ name: 'asker', model: 'm', instructions: '', tools })
    const model = scriptedModel(({ card, items }) =>
      card.agent === 'helper' || items.length > 1
        ? { text: JSON.stringify(items.at(-1)) }
        : { calls: [{ name: 'ask', arguments: { task: 'go' } }] },
    )
    await using runtime = createRuntime({ store: failing, models: model, definitions: [asker, helper], log: quiet })
    const run = await runtime.start(asker, 'go', { id: 'r' })
    expect(await run.outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { error: { message: 'Its child run "r/agent:0/turn:0/call:0" was interrupted: The disk is away.' } },
    })
    expect(await (await runtime.resume('r')).result()).not.toContain('The disk is away')
  })
})

describe('a run that its owner does not drive, since the store failed', () => {
  const flow = workflow('flow', (ctx) => ctx.sleep(1e9))

  it.each([
    ['when it was taken', 'claim'],
    ['when it was given up', 'commit'],
  ] as const)('%s, is let go with a beat, though its owner drives another', async (_when, failing) => {
    const store = memoryStore()
    const clock = manualClock()
    const before = createRuntime({ store, models: hanging, definitions: [flow], clock })
    await before.enqueue(flow, '', { id: 'r' })
    let failures = 0
    const changes: Partial<Store> = {
      // It is done all the same.
      claim: (...given) => store.claim(...given).then((row) => (failures-- > 0 ? Promise.reject(away) : row)),
      commit: (writes) => (failures > 0 && failures-- > 0 ? Promise.reject(away) : store.commit(writes)),
    }
    const parts = { models: hanging, definitions: [flow], clock, log: quiet } as const
    const one = createRuntime({ ...parts, store: changedStore(store, { [failing]: changes[failing] }) })
    await one.start(flow, '', { id: 'other' })
    while ((await store.entries('other')).length < 2) await clock.advance(0)
    // The first commit of the run fails, and then that which gives it up.
    failures = failing === 'claim' ? 1 : 2
    const outcome = one.resume('r').then(
      (run) => run.outcome(),
      () => 'not taken',
    )
    while (failures > 0) await clock.advance(0)
    const { owner } = (await store.run('r')) ?? {}
    expect(owner).toEqual(expect.any(String))
    await clock.advance(1_000)
    await clock.advance(0)
    await clock.advance(0)
    expect(await store.run('r')).toMatchObject({ owner: null })
    expect(await store.run('other')).toMatchObject({ owner, status: 'running' })
    await outcome
    const closing = one.close()
    await clock.advance(25_000)
    await closing
  })
})

describe('a race that is won while another branch waits for somebody', () => {
  it('is over: its run does not rest', async () => {
    const go = defineSignal({ name: 'go', payload: z.null() })
    const flow = workflow('flow', (ctx) =>
      ctx.race([(branch) => branch.receive(go), (branch) => branch.step('step', () => 'won')]),
    )
    await using runtime = createRuntime({ store: memoryStore(), models: hanging, definitions: [flow], log: quiet })
    const run = await runtime.start(flow, '', { id: 'r' })
    expect(await run.outcome()).toMatchObject({ kind: 'completed', output: 'won' })
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'step.returned race/branch:1/step:step',
      'race.won race',
      'run.completed run',
    ])
  })
})

describe('a parent that is woken by the end of its child', () => {
  it('is woken again where it was interrupted before it had heard it', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 1_000 })
    const go = defineSignal({ name: 'go', payload: z.null() })
    const child = workflow('child', (ctx) => ctx.receive(go).then(() => 'heard'))
    const flow = workflow('flow', (ctx) => ctx.child(child, ''))
    const parts = { models: hanging, definitions: [flow, child], clock, log: quiet } as const
    const one = createRuntime({ ...parts, store })
    await (await one.start(flow, '', { id: 'r' })).outcome()
    await one.close()
    let isOver = false
    let failures = 1
    const failing = changedStore(store, {
      // The store fails once when the parent looks at what its child has come to.
      entries: (runId) => (isOver && runId !== 'r' && failures-- > 0 ? Promise.reject(away) : store.entries(runId)),
      commit: (writes) => {
        isOver ||= writes.some(({ row }) => row?.status === 'completed')
        return store.commit(writes)
      },
    })
    await using two = createRuntime({ ...parts, store: failing })
    await two.send('r/child:child', go, null)
    for (let turns = 0; turns < 20; turns++) await clock.advance(0)
    expect(failures).toBe(0)
    expect((await store.run('r'))?.status).toBe('waiting')
    const worker = two.work()
    // After the pause that a run makes which was interrupted.
    for (let looks = 0; looks < 12; looks++) await clock.advance(250)
    expect(await store.run('r')).toMatchObject({ status: 'completed', owner: null })
    expect(await store.inbox('r')).toEqual([])
    await worker.stop()
  })
})

describe('a run whose owner lives', () => {
  it('is not taken by one who has not looked at its beat for a while', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 1_000 })
    const parts = { models: hanging, definitions: [clerk], services: newWorld(), clock, log: quiet } as const
    await using one = createRuntime({ ...parts, store })
    await one.start(clerk, 'go', { id: 'r' })
    // To the other it is of another machine.
    await using two = createRuntime({ ...parts, store, owners: strangers })
    const worker = two.work()
    for (let looks = 0; looks < 4; looks++) await clock.advance(250)
    await worker.stop()
    await clock.advance(20_000)
    await two.resume('r')
    for (let seconds = 0; seconds < 20; seconds++) await clock.advance(1_000)
    expect(await store.run('r')).toMatchObject({ epoch: 1, status: 'running' })
    await one.cancel('r')
    await clock.advance(1_000)
  })
})

describe('a run that was lost while it was being taken up', () => {
  it("is not acted for: nothing has shown since that it is still this runtime's", async () => {
    const store = memoryStore()
    const dying = clerkRuntime(hanging, newWorld(), crashing(store, { at: 1, side: 'after' }))
    await dying.start(clerk, 'go', { id: 'r' }).catch(() => undefined)
    const gate = Promise.withResolvers<void>()
    const slow = changedStore(store, {
      entries: async (runId) => {
        await gate.promise
        return store.entries(runId)
      },
    })
    const clock = manualClock({ now: 1_000 })
    const model = scriptedModel([{ text: 'done' }])
    const parts = { models: model, definitions: [clerk], services: newWorld(), clock, log: quiet } as const
    await using runtime = createRuntime({ store: slow, ...parts })
    const outcome = runtime.resume('r').then((run) => run.outcome())
    while ((await store.run('r'))?.epoch !== 2) await clock.advance(0)
    await clock.advance(20_000)
    const row = await store.run('r')
    const [beat] = await store.owners()
    if (row && beat)
      await store.claim({ ...row, ownerHeartbeat: beat.heartbeat }, { owner: 'somebody/1/2/3', heartbeat: 1 })
    gate.resolve()
    expect(await outcome).toMatchObject({ kind: 'waiting', waiting: { error: { code: 'run_lost' } } })
    expect(model.requests).toBe(0)
  })
})

describe('closing a runtime', () => {
  it('ends it also where the store does not answer, and never throws', async () => {
    const store = memoryStore()
    const clock = manualClock({ now: 1_000 })
    let isAway = false
    const failing = changedStore(store, {
      run: (runId) => (isAway ? Promise.reject(away) : store.run(runId)),
    })
    const flow = workflow('flow', async (ctx, input) =>
      input === 'xx' ? ctx.sleep(4_000) : ctx.continueAs(`${input}x`),
    )
    const errors: string[] = []
    const log = { ...quiet, error: (line: string) => void errors.push(line) }
    const runtime = createRuntime({ store: failing, models: hanging, definitions: [flow], clock, log })
    const worker = runtime.work()
    await runtime.enqueue(flow, '', { id: 'r' })
    while ((await store.entries('r~3')).length < 2) await clock.advance(250)
    isAway = true
    await worker.stop()
    expect(errors).toEqual(['The run "r" could not be given back: The disk is away.'])
    await runtime.close()
    expect(await store.run('r~3')).toMatchObject({ owner: null, status: 'waiting' })
  })
})

describe('a wait', () => {
  const failing = workflow('failing', (ctx) => {
    let tries = 0
    const work = () => (tries++ === 0 ? Promise.reject(new Error('Not yet.')) : 'done')
    return ctx.step('work', work, { retry: { attempts: 2, baseMs: 60_000 } })
  })
  const busy = new ModelError({ code: 'busy', message: 'Busy.', retryable: true, retryAfterMs: 60_000 })

  it.each([
    ['a model', clerk],
    ['a step', failing],
  ] as const)(
    'for %s that is tried again is not made twice, though the clock is set back an hour',
    async (_, definition) => {
      const manual = manualClock({ now: 7_200_000 })
      let aheadMs = 0
      const clock = { ...manual, now: () => manual.now() + aheadMs }
      const store = memoryStore()
      const parts = { store, models: scriptedModel([busy, { text: 'done' }]), services: newWorld(), clock, log: quiet }
      await using runtime = createRuntime({ ...parts, definitions: [clerk, failing], random: () => 1 })
      const run = await runtime.start(definition as typeof clerk, 'go', { id: 'r' })
      while ((await store.entries('r')).length < 2) await manual.advance(0)
      aheadMs = -3_600_000
      await manual.advance(60_000)
      expect(await run.result()).toBe('done')
    },
  )

  it('ends soon after the clock has jumped past its end', async () => {
    const minuteMs = 60_000
    const manual = manualClock()
    let aheadMs = 0
    const clock = { ...manual, now: () => manual.now() + aheadMs }
    const flow = workflow('flow', (ctx) => ctx.sleep(2 * minuteMs))
    await using runtime = createRuntime({
      store: memoryStore(),
      models: hanging,
      definitions: [flow],
      clock,
      log: quiet,
    })
    await runtime.start(flow, '', { id: 'r' })
    while (manual.pending < 2) await manual.advance(0)
    aheadMs = minuteMs
    await manual.advance(minuteMs - 30_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'running' })
    await manual.advance(30_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'completed' })
  })

  it('ends at its time, once, though the clock is set back an hour', async () => {
    const manual = manualClock({ now: 7_200_000 })
    let aheadMs = 0
    const clock = { ...manual, now: () => manual.now() + aheadMs }
    const flow = workflow('flow', (ctx) => ctx.sleep(60_000))
    const store = memoryStore()
    await using runtime = createRuntime({ store, models: hanging, definitions: [flow], clock, log: quiet })
    await runtime.start(flow, '', { id: 'r' })
    while (manual.pending < 2) await manual.advance(0)
    aheadMs = -3_600_000
    await manual.advance(59_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'running' })
    await manual.advance(1_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'completed' })
    const kinds = (await store.entries('r')).map(({ kind }) => kind)
    expect(kinds).toEqual(['run.started', 'timer.set', 'timer.fired', 'run.completed'])
  })
})
