// A workflow that an agent calls as a tool; and agents and workflows that call each other without end.
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  type AnyWorkflow,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTool,
  defineWorkflow,
  type RunRow,
  type Runtime,
  type Store,
  workflowTool,
} from '../src/index.ts'
import { outline, untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const asking = 'agent:0/turn:0/call:0'
const child = `r/${asking}`
const paid = defineSignal({ name: 'paid', payload: z.object({ usd: z.number() }) })

/** A clerk whose tool ships by a workflow, which books, waits to be paid, and says so. */
function desk(booked: string[]) {
  const ship = defineWorkflow({
    name: 'ship',
    input: z.object({ orderId: z.string().transform((id) => `${id}!`), express: z.boolean().optional() }),
    run: async (ctx, { orderId }) => {
      await ctx.step('book', ({ idempotencyKey }) => void booked.push(`${orderId} ${idempotencyKey}`))
      const { usd } = await ctx.receive(paid)
      return { orderId, usd }
    },
  })
  const tool = workflowTool(ship, { name: 'ship_order', description: 'Ships.' })
  return [defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [tool] }), ship] as const
}

const model = () =>
  scriptedModel(({ items }) => {
    const told = items.flatMap((item) => (item.kind === 'result' ? item.output : []))
    if (told.length > 0) return { text: told.join(', ') }
    return { calls: [{ name: 'ship_order', arguments: { orderId: '4711', express: null } }] }
  })

describe('a workflow as a tool', () => {
  it('runs as a child, with what the model wrote, and its caller waits as long as it does', async () => {
    const booked: string[] = []
    const definitions = desk(booked)
    const parts = { store: memoryStore(), models: model(), definitions, log: quiet } as const
    await using runtime = createRuntime(parts)
    const run = await runtime.start(definitions[0], 'Ship it', { id: 'r' })
    expect(await run.outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'child', key: asking, runId: child },
    })
    await runtime.send(child, paid, { usd: 3 })
    await (await runtime.resume(child)).outcome()
    expect(await (await runtime.resume('r')).result()).toBe('{"orderId":"4711!","usd":3}')
    expect(booked).toEqual([`4711! ${child}/step:book`])
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'run.waiting run',
      `call.returned ${asking}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect(await runtime.runs.get(child)).toMatchObject({ kind: 'workflow', parentId: 'r', parentKey: asking })
    for (const id of ['r', child]) expect((await runtime.replay(id)).status).toBe('matched')
  })

  it('is cancelled with its caller', async () => {
    const definitions = desk([])
    const store = memoryStore()
    await using runtime = createRuntime({ store, models: model(), definitions, log: quiet })
    await (await runtime.start(definitions[0], 'Ship it', { id: 'r' })).outcome()
    await runtime.cancel('r')
    expect(await store.run(child)).toMatchObject({ status: 'cancelled' })
  })

  it('tells the model what it broke in the input, and how the workflow failed', async () => {
    const fails = defineWorkflow({
      name: 'fails',
      input: z.object({ n: z.int().max(3) }),
      run: () => Promise.reject(new Error('No stock.')),
    })
    const tool = workflowTool(fails, { name: 'take', description: 'Takes.' })
    const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [tool] })
    const models = scriptedModel([
      { calls: [{ name: 'take', arguments: { n: 4 } }] },
      { calls: [{ name: 'take', arguments: { n: 3 } }] },
      { text: 'Sorry.' },
    ])
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [clerk, fails], log: quiet })
    await (await runtime.start(clerk, 'go', { id: 'r' })).result()
    const failed = (await runtime.runs.entries('r')).flatMap(({ kind, body }) =>
      kind === 'call.failed' ? body.error : [],
    )
    expect(failed).toMatchObject([
      { code: 'bad_arguments' },
      { code: 'child_run', message: 'The workflow has no answer (failed): No stock.' },
    ])
  })

  it('comes to the same end where it goes on as another run', async () => {
    const count: AnyWorkflow = defineWorkflow({
      name: 'count',
      input: z.object({ n: z.number() }),
      run: async (ctx, { n }): Promise<number> => (n < 3 ? ctx.continueAs({ n: n + 1 }) : n),
    })
    const tool = workflowTool(count, { name: 'count', description: 'Counts.' })
    const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [tool] })
    const models = scriptedModel(({ items }) => {
      const last = items.at(-1)
      return last?.kind === 'result' ? { text: last.output } : { calls: [{ name: 'count', arguments: { n: 1 } }] }
    })
    await using runtime = createRuntime({ store: memoryStore(), models, definitions: [clerk, count], log: quiet })
    expect(await (await runtime.start(clerk, 'go', { id: 'r' })).result()).toBe('3')
  })

  it('comes to the same end, wherever the process dies', async () => {
    const play = async (store: Store, booked: string[]): Promise<unknown> => {
      const definitions = desk(booked)
      const runtime = createRuntime({ store, models: model(), definitions, log: quiet })
      return untilCrash(runtime, async () => {
        const outcome = await (await runtime.start(definitions[0], 'Ship it', { id: 'r' })).outcome()
        if (outcome.kind === 'waiting') {
          await runtime.send(child, paid, { usd: 3 }, { id: 'p' })
          await (await runtime.resume(child)).outcome()
        }
        return await (await runtime.resume('r')).outcome()
      })
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    const expected = await play(counted, [])
    expect(expected).toMatchObject({ kind: 'completed', output: '{"orderId":"4711!","usd":3}' })
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const store = memoryStore()
        const booked: string[] = []
        await play(crashing(store, { at, side }), booked)
        expect(await play(store, booked), `commit ${at}, ${side}`).toEqual(expected)
        expect([...new Set(booked)], `commit ${at}, ${side}`).toEqual([`4711! ${child}/step:book`])
      }
    }
  })

  it('is refused where its input is no object, or it is none of the runtime', () => {
    const text = defineWorkflow({ name: 'text', input: z.string(), run: () => Promise.resolve(1) })
    const options = { name: 'tool', description: 'Does.' }
    expect(() => workflowTool(text, options)).toThrow(
      'Tool "tool": the input of workflow "text" is not an object, and the arguments of a call are one.',
    )
    const [clerk] = desk([])
    expect(() => createRuntime({ store: memoryStore(), models: model(), definitions: [clerk] })).toThrow(
      'Tool "ship_order" runs the workflow "ship", which is not one of this runtime\'s definitions.',
    )
  })
})

describe('the turns of a run and of those below it', () => {
  /** A boss that asks two helpers at once, of which each talks to itself for so many turns and then answers. */
  function office(totalTurns: number | undefined, viaWorkflow: boolean) {
    const talk = defineTool({
      name: 'talk',
      description: 'Talks.',
      input: z.object({}),
      effect: 'read',
      execute: () => 1,
    })
    const helper = defineAgent({ name: 'helper', model: 'm', instructions: '', tools: [talk] })
    const ask = defineWorkflow({
      name: 'ask',
      input: z.object({ task: z.string() }),
      run: (ctx, { task }): Promise<string> => ctx.agent(helper, task),
    })
    const options = { name: 'ask', description: 'Asks.' }
    const tool = viaWorkflow ? workflowTool(ask, options) : agentTool(helper, options)
    const budget = totalTurns === undefined ? {} : { totalTurns }
    const boss = defineAgent({ name: 'boss', model: 'm', instructions: '', tools: [tool], budget })
    return [boss, helper, ask] as const
  }
  const models = (turns: number) =>
    scriptedModel(({ card, items }) => {
      const results = items.filter(({ kind }) => kind === 'result')
      if (card.agent === 'helper') return results.length < turns - 1 ? { calls: [{ name: 'talk' }] } : { text: 'Done.' }
      if (results.length > 0) return { text: results.map((item) => ('output' in item ? item.output : '')).join(' | ') }
      return { calls: ['a', 'b'].map((task) => ({ name: 'ask', arguments: { task } })) }
    })

  it.each([false, true])(
    'are shared: what one uses is not there for another (by a workflow: %s)',
    async (viaWorkflow) => {
      const definitions = office(9, viaWorkflow)
      await using runtime = createRuntime({ store: memoryStore(), models: models(20), definitions, log: quiet })
      const outcome = await (await runtime.start(definitions[0], 'go', { id: 'r' })).outcome()
      // One for itself, and four for each helper: then none is left to answer with.
      expect(outcome).toMatchObject({ kind: 'over-budget', error: { code: 'out_of_turns', details: { limit: 9 } } })
      expect(outcome.totals).toMatchObject({ turns: 9, own: { turns: 1 } })
      const told = (await runtime.runs.entries('r')).flatMap(({ kind, body }) => (kind === 'call.failed' ? [body] : []))
      expect(told).toMatchObject([{ turnsBelow: 4 }, { turnsBelow: 4 }])
      const runs = await runtime.runs.list({ limit: 100 })
      for (const { id } of runs) expect((await runtime.replay(id)).status).toBe('matched')
    },
  )

  it('are enough where they are, and counted nowhere where nobody limits them', async () => {
    for (const totalTurns of [8, undefined]) {
      const definitions = office(totalTurns, false)
      await using runtime = createRuntime({ store: memoryStore(), models: models(3), definitions, log: quiet })
      const run = await runtime.start(definitions[0], 'go', { id: 'r' })
      expect(await run.result()).toBe('Done. | Done.')
      const returned = (await runtime.runs.entries('r')).filter(({ kind }) => kind === 'call.returned')
      expect(returned.map(({ body }) => 'turnsBelow' in body)).toEqual(Array(2).fill(totalTurns !== undefined))
    }
  })

  it('that are not there begin no run', async () => {
    const definitions = office(2, false)
    await using runtime = createRuntime({ store: memoryStore(), models: models(1), definitions, log: quiet })
    const run = await runtime.start(definitions[0], 'go', { id: 'r' })
    expect(await run.result()).toContain('"helper" was not begun: "r" has no turn left for it')
    expect(await runtime.runs.list({ parentId: 'r' })).toEqual([])
  })

  it('are as many, wherever the process dies', async () => {
    const play = async (store: Store): Promise<unknown> => {
      const definitions = office(9, true)
      const runtime = createRuntime({ store, models: models(20), definitions, log: quiet })
      return untilCrash(runtime, async () => (await runtime.start(definitions[0], 'go', { id: 'r' })).outcome())
    }
    const counted = crashing(memoryStore(), { at: Infinity, side: 'before' })
    expect(await play(counted)).toMatchObject({ totals: { turns: 9 } })
    for (let at = 1; at <= counted.commits; at++) {
      const store = memoryStore()
      await play(crashing(store, { at, side: 'after' }))
      expect(await play(store), `commit ${at}`).toMatchObject({ kind: 'over-budget', totals: { turns: 9 } })
    }
  })
})

describe('agents and workflows that call each other', () => {
  /** An agent whose tool is a workflow that asks the agent. */
  function circle() {
    const again: AnyWorkflow = defineWorkflow({
      name: 'again',
      input: z.object({}),
      run: (ctx): Promise<string> => ctx.agent(agent, 'Once more.'),
    })
    const tool = workflowTool(again, { name: 'again', description: 'Asks again.' })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [tool] })
    return [agent, again] as const
  }
  const models = () =>
    scriptedModel(({ items }) => {
      const last = items.at(-1)
      return last?.kind === 'result' ? { text: last.output } : { calls: [{ name: 'again' }] }
    })
  const all = (runtime: Runtime): Promise<readonly RunRow[]> => runtime.runs.list({ limit: 1_000 })

  it('are stopped with a reason, which the caller is told', async () => {
    const definitions = circle()
    await using runtime = createRuntime({
      store: memoryStore(),
      models: models(),
      definitions,
      maxDepth: 3,
      log: quiet,
    })
    expect(await (await runtime.start(definitions[0], 'go', { id: 'r' })).outcome()).toMatchObject({
      kind: 'completed',
    })
    const runs = await all(runtime)
    expect(runs.map(({ kind }) => kind).toSorted()).toEqual(['agent', 'agent', 'workflow', 'workflow'])
    const deepest = runs.toSorted((one, other) => other.id.length - one.id.length)[0] as RunRow
    const last = await runtime.runs.entries(deepest.id)
    expect(last.at(-2)?.body).toMatchObject({
      ending: {
        kind: 'over-budget',
        error: {
          code: 'too_deep',
          message: `"agent" was not begun: "${deepest.id}" is 3 runs below the one that was started, and none goes deeper. Do without it, or let agents and workflows call each other less; createRuntime({ maxDepth }) allows more.`,
        },
      },
    })
    for (const { id } of runs) expect((await runtime.replay(id)).status).toBe('matched')
  })

  it('are stopped without a word of anybody, and an agent’s call that began nothing has not run', async () => {
    const definitions = circle()
    await using runtime = createRuntime({ store: memoryStore(), models: models(), definitions, log: quiet })
    expect(await (await runtime.start(definitions[0], 'go', { id: 'r' })).outcome()).toMatchObject({
      kind: 'completed',
    })
    const runs = await all(runtime)
    expect(runs).toHaveLength(17)
    const journals = await Promise.all(runs.map(({ id }) => runtime.runs.entries(id)))
    const deepest = journals.find(([first]) => first?.kind === 'run.started' && first.body.depth === 16)
    const failed = deepest?.find(({ kind }) => kind === 'call.failed')
    expect(failed?.body).toMatchObject({ error: { code: 'too_deep' } })
    expect(failed?.body).not.toHaveProperty('ran')
  })

  it('are as deep after a restart', async () => {
    const definitions = circle()
    const parts = { models: models(), definitions, maxDepth: 4, clock: manualClock(), log: quiet } as const
    for (const at of [3, 5, 7]) {
      const store = memoryStore()
      const dying = createRuntime({ ...parts, store: crashing(store, { at, side: 'after' }) })
      await untilCrash(dying, async () => (await dying.start(definitions[0], 'go', { id: 'r' })).outcome())
      await using runtime = createRuntime({ ...parts, store })
      await (await runtime.resume('r')).outcome()
      expect(await all(runtime)).toHaveLength(5)
    }
  })

  it('a depth that is none is refused', () => {
    const definitions = circle()
    expect(() => createRuntime({ store: memoryStore(), models: models(), definitions, maxDepth: 0 })).toThrow(
      'createRuntime has maxDepth 0. It must be a whole number of 1 or more.',
    )
  })
})
