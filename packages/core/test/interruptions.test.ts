// What keeps a process from bringing a run further: it stands in the run's row, and the run is tried again after a pause.
import {
  crashing,
  type ManualClock,
  manualClock,
  memoryStore,
  type ScriptedAnswer,
  scriptedModel,
} from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Model,
  ModelError,
  type Runtime,
  type Store,
} from '../src/index.ts'
import { quiet, workflow } from './flow.fixture.ts'
import { outline } from './world.fixture.ts'

const echo = defineAgent({ name: 'echo', model: 'm', instructions: '' })
const calling = defineAgent({
  name: 'calling',
  model: 'm',
  instructions: '',
  tools: [agentTool(echo, { name: 'help', description: 'Helps.' })],
})
const flow = workflow((ctx) => ctx.agent(echo, 'x'), 'flow')
const outer = workflow((ctx) => ctx.child(flow, 'x'), 'outer')
const outermost = workflow((ctx) => ctx.child(outer, 'x'), 'outermost')
const mapping = workflow((ctx) => ctx.map(['a', 'b', 'c'], (item, ctx) => ctx.agent(echo, item)), 'mapping')
const definitions = [echo, calling, flow, outer, outermost, mapping]

const refusal = new ModelError({ code: 'invalid_api_key', message: 'The key is wrong.', mendable: true })

/** A service that refuses the echo until somebody mends it. */
function service() {
  const state = { broken: true, asked: 0 }
  const model = scriptedModel(({ card, items }): ScriptedAnswer => {
    if (card.agent === 'calling')
      return items.length > 1 ? { text: 'called' } : { calls: [{ name: 'help', arguments: { task: 'x' } }] }
    state.asked++
    return state.broken ? refusal : { text: 'ok' }
  })
  return { state, model }
}

interface Made {
  readonly clock?: ManualClock
  readonly store?: Store
  readonly all?: readonly AnyDefinition[]
}

function runtimeWith(
  model: Model,
  { clock = manualClock({ now: 1_000 }), store = memoryStore(), all = definitions }: Made = {},
): Runtime {
  return createRuntime({ store, models: model, definitions: all, clock, random: () => 0, log: quiet })
}

async function pass(clock: ManualClock, ms: number, step = 250): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) await clock.advance(step)
}

describe('a run whose child is interrupted', () => {
  it.each([
    ['an agent as a tool', calling, 'r/agent:0/turn:0/call:0'],
    ['ctx.agent', flow, 'r/agent:echo'],
    ['a workflow in a workflow', outer, 'r/child:flow/agent:echo'],
    ['three deep', outermost, 'r/child:outer/child:flow/agent:echo'],
  ] as const)(
    'is interrupted with it and names it, and resume tries both at once: %s',
    async (_, definition, child) => {
      const { state, model } = service()
      await using runtime = runtimeWith(model)
      const run = await runtime.start(definition, 'x', { id: 'r' })
      const waiting = {
        kind: 'interrupted',
        error: { code: 'invalid_api_key', message: `Its child run "${child}" was interrupted: The key is wrong.` },
        times: 1,
        mendable: true,
      }
      expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting })
      expect(state.asked).toBe(1)
      expect(await runtime.runs.get('r')).toMatchObject({ status: 'waiting', owner: null, waiting, wakeAt: 2_000 })
      expect(await runtime.runs.get(child)).toMatchObject({
        waiting: { kind: 'interrupted', error: { message: 'The key is wrong.' } },
      })
      await (await runtime.resume('r')).outcome()
      expect(state.asked).toBe(2)
      state.broken = false
      expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'completed' })
      expect((await runtime.replay('r')).status).toBe('matched')
    },
  )

  it('lets its other children end, and tries that one alone again', async () => {
    const { state, model } = service()
    const clock = manualClock({ now: 1_000 })
    const some: Model = {
      async *ask(request, signal) {
        const [first] = request.items
        if (first?.kind === 'user' && first.text !== 'b') state.broken = false
        else state.broken = state.asked < 3
        yield* model.ask(request, signal)
      },
    }
    await using runtime = runtimeWith(some, { clock })
    expect(await (await runtime.start(mapping, 'x', { id: 'r' })).outcome()).toMatchObject({
      waiting: { kind: 'interrupted' },
    })
    expect((await runtime.runs.entries('r')).filter(({ kind }) => kind === 'child.ended')).toHaveLength(2)
    expect(await (await runtime.resume('r')).result()).toEqual(['ok', 'ok', 'ok'])
    expect(state.asked).toBe(4)
  })

  it('is tried again by workers after pauses that grow, and goes on once that is mended', async () => {
    const { state, model } = service()
    const clock = manualClock({ now: 1_000 })
    await using runtime = runtimeWith(model, { clock })
    await runtime.enqueue(outer, 'x', { id: 'r' })
    runtime.work()
    await pass(clock, 60_000)
    // The child by itself, and with each of the two above it: some six times each in a minute.
    expect(state.asked).toBeLessThan(20)
    const before = await runtime.runs.entries('r')
    await pass(clock, 3_600_000, 10_000)
    expect(await runtime.runs.entries('r')).toEqual(before)
    const { wakeAt } = await runtime.runs.get('r')
    expect((wakeAt ?? Infinity) - clock.now()).toBeLessThanOrEqual(300_000)
    state.broken = false
    await pass(clock, 900_000, 1_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'completed' })
  })

  it('waits for a child whose definition is missing here, and keeps what it has paid for', async () => {
    let charged = 0
    const paying = workflow(async (ctx) => {
      await ctx.step('charge', () => void charged++)
      return ctx.agent(echo, 'x')
    }, 'paying')
    const { state, model } = service()
    state.broken = false
    const store = memoryStore()
    const clock = manualClock({ now: 1_000 })
    const one = runtimeWith(model, { store, clock, all: [paying] })
    await one.enqueue(paying, 'x', { id: 'r' })
    one.work()
    await pass(clock, 30_000)
    expect(await store.run('r')).toMatchObject({
      status: 'waiting',
      waiting: {
        kind: 'interrupted',
        error: {
          code: 'unregistered',
          message:
            'Its child run "r/agent:echo" was interrupted: The agent "echo" is not one of this runtime\'s definitions: workflow paying. Add it to createRuntime({ definitions }).',
        },
        mendable: true,
      },
    })
    await one.close()
    await using two = runtimeWith(model, { store, clock, all: [paying, echo] })
    expect(await (await two.resume('r')).result()).toBe('ok')
    expect(charged).toBe(1)
  })

  it('waits for a child that goes another way under today’s code', async () => {
    const child = (name: string) =>
      workflow(async (ctx) => {
        await ctx.step(name, () => 1)
        return ctx.agent(echo, 'x')
      }, 'child')
    const [before, after] = [child('old'), child('new')]
    const parent = (of: typeof before) => workflow((ctx) => ctx.child(of, 'x'), 'parent')
    const [started, today] = [parent(before), parent(after)]
    const { state, model } = service()
    const store = memoryStore()
    const one = runtimeWith(model, { store, all: [started, before, echo] })
    await (await one.start(started, 'x', { id: 'r' })).outcome()
    await one.close()
    state.broken = false
    await using two = runtimeWith(model, { store, all: [today, after, echo] })
    expect(await (await two.resume('r')).outcome()).toMatchObject({
      waiting: { kind: 'interrupted', error: { code: 'diverged' }, mendable: true },
    })
    expect(await store.run('r/child:child')).toMatchObject({ waiting: { error: { code: 'diverged' } } })
    await using three = runtimeWith(model, { store, all: [started, before, echo] })
    expect(await (await three.resume('r')).result()).toBe('ok')
  })

  it('ends when it is cancelled meanwhile, with the child', async () => {
    const { model } = service()
    await using runtime = runtimeWith(model)
    await (await runtime.start(flow, 'x', { id: 'r' })).outcome()
    await runtime.cancel('r')
    for (const id of ['r', 'r/agent:echo']) expect(await runtime.runs.get(id)).toMatchObject({ status: 'cancelled' })
  })

  it('comes to the same end wherever the process dies', async () => {
    const play = async (store: Store, state: { broken: boolean }, model: Model): Promise<unknown> => {
      const runtime = runtimeWith(model, { store })
      try {
        await (await runtime.start(calling, 'x', { id: 'r' })).outcome()
        state.broken = false
        return await (await runtime.resume('r')).outcome()
      } catch {
        return undefined
      } finally {
        await runtime.close()
      }
    }
    const one = service()
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const expected = await play(counted, one.state, one.model)
    expect(expected).toMatchObject({ kind: 'completed', output: 'called' })
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const { state, model } = service()
        const store = memoryStore()
        await play(crashing(store, { at, side }), state, model)
        expect(await play(store, state, model), `commit ${at}, ${side}`).toEqual(expected)
      }
    }
  })
})

describe('what an operator can mend', () => {
  it('leaves the run as it is: its row says why, and the same program goes on once it is mended', async () => {
    let paid = 0
    let broken = false
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({}),
      effect: 'once',
      execute: () => {
        paid++
        broken = true
        return 'paid'
      },
    })
    const payer = defineAgent({ name: 'payer', model: 'm', instructions: '', tools: [pay] })
    const model = scriptedModel(({ items }) => {
      if (broken) return refusal
      return items.length > 1 ? { text: 'done' } : { calls: [{ name: 'pay' }] }
    })
    await using runtime = runtimeWith(model, { all: [payer] })
    const run = await runtime.start(payer, 'x', { id: 'r' })
    expect(await run.outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'interrupted', error: { code: 'invalid_api_key' }, mendable: true },
      totals: { turns: 1, calls: 1 },
    })
    await expect(run.result()).rejects.toThrow('The run "r" waits: The key is wrong.')
    broken = false
    expect(await (await runtime.start(payer, 'x', { id: 'r' })).result()).toBe('done')
    expect(paid).toBe(1)
    expect(outline(await runtime.runs.entries('r')).filter((line) => line.startsWith('model.failed'))).toEqual([])
  })

  it('is waited for where a service is down for longer than its retries take, and is asked for once a try then', async () => {
    const clock = manualClock({ now: 1_000 })
    let down = true
    let asked = 0
    const model = scriptedModel(() => {
      asked++
      return down
        ? new ModelError({ code: 'connection', message: 'Nobody there.', retryable: true, mendable: true })
        : { text: 'back' }
    })
    await using runtime = runtimeWith(model, { clock })
    await runtime.enqueue(echo, 'x', { id: 'r' })
    runtime.work()
    await pass(clock, 1_800_000, 1_000)
    expect(await runtime.runs.get('r')).toMatchObject({
      status: 'waiting',
      waiting: { kind: 'interrupted', error: { code: 'connection', message: 'Nobody there.' } },
    })
    // Seven attempts that are journaled, and one a pause after that.
    const entries = await runtime.runs.entries('r')
    expect(entries.filter(({ kind }) => kind === 'model.failed')).toHaveLength(7)
    expect(asked).toBeLessThan(30)
    down = false
    await pass(clock, 301_000, 1_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'completed' })
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is no fault of the request: one that no retry helps ends the run, as one that cannot be mended does', async () => {
    const errors = [
      new ModelError({ code: 'context_length_exceeded', message: 'Too long.' }),
      new ModelError({ code: 'empty_reply', message: 'Nothing.', retryable: true, retryAfterMs: 0 }),
    ]
    for (const error of errors) {
      await using runtime = runtimeWith(scriptedModel(() => error))
      expect(await (await runtime.start(echo, 'x')).outcome()).toMatchObject({
        kind: 'failed',
        error: { code: error.code },
      })
    }
  })
})

describe('a retry that is far away', () => {
  const busy = (retryAfterMs: number) =>
    new ModelError({ code: 'rate_limit_exceeded', message: 'Slow down.', retryable: true, retryAfterMs })
  const other = defineWorkflow({ name: 'other', input: z.string(), run: (ctx) => ctx.step('s', () => 'done') })

  it.each([
    ['of a model', echo, 'r', 'agent:0/turn:0'],
    ['of a called agent', calling, 'r/agent:0/turn:0/call:0', 'agent:0/turn:0'],
    ['of an agent in a workflow', flow, 'r/agent:echo', 'agent:0/turn:0'],
  ] as const)('%s holds no place of a worker', async (_, definition, runId, key) => {
    const clock = manualClock({ now: 1_000 })
    let failures = 1
    const { state, model } = service()
    state.broken = false
    const slow: Model = {
      async *ask(request, signal) {
        if (request.card.agent === 'echo' && failures-- > 0) throw busy(600_000)
        yield* model.ask(request, signal)
      },
    }
    await using runtime = runtimeWith(slow, { clock, all: [...definitions, other] })
    await runtime.enqueue(definition, 'x', { id: 'r' })
    runtime.work({ concurrency: 1 })
    await pass(clock, 2_000)
    await runtime.enqueue(other, 'x', { id: 'other' })
    await pass(clock, 2_000)
    expect(await runtime.runs.get('other')).toMatchObject({ status: 'completed' })
    const row = await runtime.runs.get(runId)
    expect(row).toMatchObject({ status: 'waiting', owner: null, waiting: { kind: 'retry', key } })
    expect(row.wakeAt).toBe(row.waiting && 'until' in row.waiting ? row.waiting.until : undefined)
    await pass(clock, 590_000, 10_000)
    expect(await runtime.runs.get(runId)).toMatchObject({ status: 'waiting' })
    await pass(clock, 20_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'completed' })
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('of a tool holds none either, and what runs beside it ends first', async () => {
    const clock = manualClock({ now: 1_000 })
    const gate = Promise.withResolvers<string>()
    const tool = (name: string, execute: () => string | Promise<string>) =>
      defineTool({
        name,
        description: name,
        input: z.object({}),
        effect: 'idempotent',
        retry: { baseMs: 600_000, maxMs: 600_000 },
        execute,
      })
    let failures = 1
    const tools = [
      tool('flaky', () => {
        if (failures-- > 0) throw new Error('Not now.')
        return 'flaky'
      }),
      tool('slow', () => gate.promise),
    ]
    const worker = defineAgent({ name: 'worker', model: 'm', instructions: '', tools })
    const model = scriptedModel(({ items }) =>
      items.length > 1 ? { text: 'done' } : { calls: [{ name: 'flaky' }, { name: 'slow' }] },
    )
    await using runtime = createRuntime({
      store: memoryStore(),
      models: model,
      definitions: [worker],
      clock,
      random: () => 0.5,
      log: quiet,
    })
    await runtime.enqueue(worker, 'x', { id: 'r' })
    runtime.work()
    await pass(clock, 10_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'running' })
    gate.resolve('slow')
    await pass(clock, 1_000)
    expect(await runtime.runs.get('r')).toMatchObject({
      status: 'waiting',
      waiting: { kind: 'retry', key: 'agent:0/turn:0/call:0' },
      owner: null,
    })
    await pass(clock, 300_000, 10_000)
    expect(await runtime.runs.get('r')).toMatchObject({ status: 'completed' })
  })

  it('is waited for in the process that started the run, and stands in its row when that is closed', async () => {
    const clock = manualClock({ now: 1_000 })
    const store = memoryStore()
    const runtime = runtimeWith(scriptedModel([busy(60_000)]), { clock, store })
    await runtime.start(echo, 'x', { id: 'r' })
    await pass(clock, 10_000)
    expect(await store.run('r')).toMatchObject({ status: 'running' })
    await runtime.close()
    expect(await store.run('r')).toMatchObject({ status: 'waiting', waiting: { kind: 'retry' }, wakeAt: 61_000 })
  })

  it('is an hour away at most, whatever the service says', async () => {
    const clock = manualClock({ now: 1_000 })
    await using runtime = runtimeWith(scriptedModel([busy(1.8e12), { text: 'ok' }]), { clock })
    await runtime.enqueue(echo, 'x', { id: 'r' })
    runtime.work()
    await pass(clock, 1_000)
    expect((await runtime.runs.get('r')).wakeAt).toBeLessThanOrEqual(3_602_000)
  })
})

describe('a reply that nobody can say what follows from', () => {
  const orders = defineAgent({
    name: 'orders',
    model: 'm',
    context: z.object({ customer: z.string().optional() }),
    instructions: ({ context }) => {
      if (context.customer === undefined) throw new TypeError('customer is undefined')
      return context.customer
    },
  })
  const triage = defineAgent({ name: 'triage', model: 'm', instructions: 'Route.' })
  const desk = defineTeam({ name: 'desk', entry: triage, handoffs: [[triage, [orders]]] })

  it('is written and paid once all the same, and its run is tried again without asking', async () => {
    const clock = manualClock({ now: 1_000 })
    const model = scriptedModel(() => ({ calls: [{ name: 'transfer_to_orders' }] }))
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [desk], clock, log: quiet })
    await runtime.enqueue(desk, 'x', { id: 'r', context: {} })
    runtime.work()
    await pass(clock, 60_000)
    expect(model.requests).toBe(1)
    expect(outline(await runtime.runs.entries('r')).slice(0, 2)).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
    ])
    expect((await runtime.runs.get('r')).totals.turns).toBe(1)
  })
})

describe('a run whose runtime was closed', () => {
  it('says so in its row, and is anybody’s at once', async () => {
    const clock = manualClock({ now: 1_000 })
    const store = memoryStore()
    const hanging: Model = {
      async *ask(_, signal) {
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
        yield { kind: 'text', delta: '' }
      },
    }
    const one = runtimeWith(hanging, { clock, store })
    const run = await one.start(echo, 'x', { id: 'r' })
    const outcome = run.outcome()
    await pass(clock, 1_000)
    const closing = one.close()
    await pass(clock, 30_000)
    await closing
    const waiting = { kind: 'interrupted', error: { code: 'runtime_stopped' }, times: 0 }
    expect(await outcome).toMatchObject({ kind: 'waiting', waiting })
    const row = await store.run('r')
    expect(row).toMatchObject({ status: 'waiting', owner: null, waiting })
    expect(row?.wakeAt).toBeLessThanOrEqual(clock.now())
    const { state, model } = service()
    state.broken = false
    await using two = runtimeWith(model, { clock, store })
    two.work()
    await pass(clock, 1_000)
    expect(await store.run('r')).toMatchObject({ status: 'completed' })
  })
})
