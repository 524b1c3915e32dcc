// Many runs under today's code: those in flight as a resume would take them up, and all as they would answer.
import { changedStore, manualClock, memoryStore } from '@reprise/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTool,
  defineWorkflow,
  type Model,
  type ReplayFilter,
  RepriseError,
  type RunReplay,
  type Store,
  StoreError,
  type WorkflowContext,
} from '../src/index.ts'
import { byTurn, call, look, newWorld, pay } from './world.fixture.ts'

const offline: Model = {
  ask() {
    throw new Error('A replay asks no model')
  },
}
const review = defineSignal({ name: 'review', payload: z.object({ ok: z.boolean() }) })
const refundOf = (approval: boolean) =>
  defineTool({
    name: 'refund',
    description: 'Refunds.',
    input: z.object({ id: z.string() }),
    effect: 'idempotent',
    approval,
    execute: () => 'refunded',
  })
const refund = refundOf(true)
const base = { name: 'clerk', model: 'gpt-4.1-mini', instructions: 'Serve.', tools: [look, pay, refund] } as const
const clerk = defineAgent(base)
const flow = defineWorkflow({
  name: 'flow',
  input: z.object({}),
  async run(ctx): Promise<{ ok: boolean }> {
    await ctx.step('note', () => 'noted')
    return ctx.receive(review)
  },
})

let store: Store
const clock = manualClock({ now: 1_000_000 })

function runtimeOf(definitions: readonly AnyDefinition[], models: Model = offline, on = store) {
  return createRuntime({ store: on, models, definitions, services: newWorld(), clock })
}

/** Two runs that have ended, at 1,000 and 1,001 seconds; one that waits to be allowed, a workflow that waits, one queued. */
beforeEach(async () => {
  store = memoryStore()
  const served = runtimeOf([clerk], byTurn([{ calls: [call('look', 'a'), call('pay', 'a')] }, { text: 'done' }]))
  await (await served.start(clerk, 'go', { id: 'ended-1' })).outcome()
  await clock.advance(1_000)
  await (await served.start(clerk, 'go', { id: 'ended-2', tags: ['web'] })).outcome()
  const asking = runtimeOf([clerk, flow], byTurn([{ calls: [call('refund', 'a')] }]))
  await (await asking.start(clerk, 'go', { id: 'asks' })).outcome()
  await (await asking.start(flow, {}, { id: 'flows' })).outcome()
  await asking.enqueue(clerk, 'go', { id: 'queued' })
})

async function all(replays: AsyncIterable<RunReplay>): Promise<RunReplay[]> {
  const given: RunReplay[] = []
  for await (const replay of replays) given.push(replay)
  return given
}

const broken = (replays: readonly RunReplay[]) =>
  replays.flatMap(({ runId, broken }) => (broken ? [[runId, broken.code, broken.cause.kind]] : []))

describe('runtime.replay of a filter', () => {
  test('gives runs of all statuses in the order of their creation, and finds nothing under the same code', async () => {
    const replays = await all(runtimeOf([clerk, flow]).replay({}))
    expect(replays.map(({ runId, runStatus, inFlight, status }) => [runId, runStatus, inFlight, status])).toEqual([
      ['ended-1', 'completed', false, 'matched'],
      ['ended-2', 'completed', false, 'matched'],
      ['asks', 'waiting', true, 'matched'],
      ['flows', 'waiting', true, 'matched'],
      ['queued', 'queued', true, 'matched'],
    ])
    expect(await runtimeOf([clerk, flow]).replay({}).summary()).toEqual({
      runs: 5,
      leftOut: 0,
      inFlight: { runs: 3, broken: 0, causes: [] },
      answers: { matched: 5, diverged: 0, failed: 0, different: 0, causes: [], differences: [] },
    })
  })

  test('takes those that fit, and whoever is in flight however old it is where that is asked for', async () => {
    const ids = async (filter: ReplayFilter) =>
      (await all(runtimeOf([clerk, flow]).replay(filter))).map(({ runId }) => runId)
    expect(await ids({ tag: 'web' })).toEqual(['ended-2'])
    expect(await ids({ status: 'queued' })).toEqual(['queued'])
    expect(await ids({ inFlight: 'only' })).toEqual(['asks', 'flows', 'queued'])
    expect(await ids({ createdFrom: clock.now() + 1 })).toEqual([])
    expect(await ids({ createdFrom: clock.now() + 1, inFlight: 'always' })).toEqual(['asks', 'flows', 'queued'])
    expect(await ids({ order: 'newest', name: 'clerk' })).toEqual(['queued', 'asks', 'ended-2', 'ended-1'])
  })

  test('writes nothing, and claims no run', async () => {
    const before = await Promise.all(['asks', 'flows', 'queued'].map((id) => store.run(id)))
    const refusing = changedStore(store, {
      commit: () => Promise.reject(new Error('A replay writes nothing')),
      claim: () => Promise.reject(new Error('A replay claims nothing')),
      heartbeat: () => Promise.reject(new Error('A replay beats for nobody')),
      send: () => Promise.reject(new Error('A replay says nothing')),
    })
    const rude = defineAgent({ ...base, instructions: 'Be kind.', onChange: 'adopt' })
    const runtime = runtimeOf([rude, flow], offline, refusing)
    expect(await runtime.replay({}).summary()).toMatchObject({ runs: 5, inFlight: { runs: 3, broken: 0 } })
    await runtime.close()
    expect(await Promise.all(['asks', 'flows', 'queued'].map((id) => store.run(id)))).toEqual(before)
  })

  test('leaves out and counts what is erased, and what goes while it is read', async () => {
    const runtime = runtimeOf([clerk, flow])
    await runtime.erase('ended-1', { by: 'Ada' })
    const going = changedStore(store, {
      async entries(runId) {
        if (runId === 'asks') throw new StoreError({ code: 'run_going', message: 'The run "asks" is being deleted.' })
        return runId === 'ended-2' ? [] : store.entries(runId)
      },
    })
    expect(await runtimeOf([clerk, flow], offline, going).replay({}).summary()).toMatchObject({ runs: 2, leftOut: 3 })
  })

  test('tells of a run whose journal is damaged, or whose definition is gone, and goes on', async () => {
    const damaged = changedStore(store, {
      async entries(runId) {
        if (runId === 'asks')
          throw new StoreError({ code: 'store_corrupt', message: 'Entry 1 is not what was written.' })
        return store.entries(runId)
      },
    })
    const replays = await all(runtimeOf([clerk], offline, damaged).replay({}))
    expect(replays.map(({ runId, status }) => [runId, status])).toEqual([
      ['ended-1', 'matched'],
      ['ended-2', 'matched'],
      ['asks', 'failed'],
      ['flows', 'failed'],
      ['queued', 'matched'],
    ])
    expect(broken(replays)).toEqual([
      ['asks', 'store_corrupt', 'damaged'],
      ['flows', 'unregistered', 'definition-removed'],
    ])
  })

  test('goes on where the last run of a page is deleted before the next is read', { tags: 'slow' }, async () => {
    const rows = await store.runs({ limit: 1_000 })
    const many = Array.from({ length: 1_500 }, (_, at) => ({ ...rows[0], id: `n${at}` }) as (typeof rows)[number])
    const deleting = changedStore(store, {
      async runs({ after, limit = 100 }) {
        if (after === 'n999') throw new StoreError({ code: 'unknown_run', message: 'There is no run "n999".' })
        const from = after === undefined ? 0 : many.findIndex(({ id }) => id === after) + 1
        return many.slice(from, from + limit)
      },
      run: async () => undefined,
      entries: () => store.entries('ended-1'),
    })
    const ids = (await all(runtimeOf([clerk], offline, deleting).replay({}))).map(({ runId }) => runId)
    expect(ids).toHaveLength(1_500)
    expect(new Set(ids).size).toBe(1_500)
  })

  test('refuses what is no filter, and threads without a module', () => {
    const runtime = runtimeOf([clerk])
    expect(() => runtime.replay({ inFlight: 'never' as 'only' })).toThrow(
      /inFlight: "never". Give it 'only' or 'always'/,
    )
    expect(() => runtime.replay({ createdFrom: Number.NaN })).toThrow('createdFrom')
    expect(() => runtime.replay({}, { threads: 2 })).toThrow('give the file of a module that exports the runtime')
    expect(() => runtime.replay({}, { module: 'x.ts', threads: 65 })).toThrow('whole number of 0 to 64')
  })
})

describe('a run in flight', () => {
  const under = async (...definitions: readonly AnyDefinition[]) =>
    broken(await all(runtimeOf(definitions).replay({ inFlight: 'only' })))

  test('is broken by a step that is renamed, where a resume would stop', async () => {
    const renamed = defineWorkflow({
      name: 'flow',
      input: z.object({}),
      async run(ctx): Promise<{ ok: boolean }> {
        await ctx.step('memo', () => 'noted')
        return ctx.receive(review)
      },
    })
    expect(await under(clerk, renamed)).toEqual([['flows', 'diverged', 'step-renamed']])
    await expect(runtimeOf([clerk, renamed]).resume('flows')).rejects.toMatchObject({ code: 'diverged' })
  })

  test('goes on under another version that goes its way, or that is patched', async () => {
    const next = defineWorkflow({ name: 'flow', version: 2, input: z.object({}), run: async () => null })
    expect(await under(clerk, next)).toEqual([['flows', 'diverged', 'step-removed']])
    expect(await under(clerk, next, flow)).toEqual([])
    const patched = defineWorkflow({
      name: 'flow',
      input: z.object({}),
      async run(ctx): Promise<{ ok: boolean }> {
        if (ctx.patched('first')) await ctx.step('first', () => 'new')
        await ctx.step('note', () => 'noted')
        return ctx.receive(review)
      },
    })
    expect(await under(clerk, patched)).toEqual([])
  })

  test('is stopped by changed text where its definition says so, and not otherwise', async () => {
    const changed = { ...base, instructions: 'Be kind.' }
    expect(await under(defineAgent({ ...changed, onChange: 'pin' }), flow)).toEqual([])
    expect(await under(defineAgent({ ...changed, onChange: 'adopt' }), flow)).toEqual([])
    expect(await under(defineAgent({ ...changed, onChange: 'stop' }), flow)).toEqual([
      ['asks', 'text_changed', 'text-stopped'],
      ['queued', 'text_changed', 'text-stopped'],
    ])
  })

  test('is stopped by instructions that throw where it would adopt them', async () => {
    const throwing = (onChange: 'adopt' | 'pin') =>
      defineAgent({
        ...base,
        onChange,
        instructions: () => {
          throw new Error('no such customer')
        },
      })
    expect(await under(throwing('pin'), flow)).toEqual([])
    expect(await under(throwing('adopt'), flow)).toEqual([
      ['asks', 'instructions_threw', 'instructions-threw'],
      ['queued', 'instructions_threw', 'instructions-threw'],
    ])
  })

  test('goes by the verdict that is recorded, though it would be judged otherwise today', async () => {
    expect(await under(defineAgent({ ...base, tools: [look, pay, refundOf(false)] }), flow)).toEqual([])
  })
})

describe('what is said of a run in flight is what a resume does', () => {
  const ids = ['asks', 'flows', 'queued'] as const
  const changed = { ...base, instructions: 'Be kind.' }
  const flowOf = (run: (ctx: WorkflowContext) => Promise<unknown>) =>
    defineWorkflow({ name: 'flow', input: z.object({}), run: (ctx) => run(ctx) as Promise<null> })
  const teller = defineAgent({ ...base, name: 'teller' })
  const days: Readonly<Record<string, readonly AnyDefinition[]>> = {
    'of the same code': [clerk, flow],
    'of text that stops': [defineAgent({ ...changed, onChange: 'stop' }), flow],
    'of text that is adopted': [defineAgent({ ...changed, onChange: 'adopt' }), flow],
    'of a tool that waits for somebody and is gone': [defineAgent({ ...base, tools: [look, pay] }), flow],
    'of a tool that need not wait any more': [defineAgent({ ...base, tools: [look, pay, refundOf(false)] }), flow],
    'of a workflow that ends': [clerk, flowOf(async () => null)],
    'of a workflow that throws': [clerk, flowOf(() => Promise.reject(new Error('no')))],
    'of a workflow that does more first': [clerk, flowOf((ctx) => ctx.step('first', () => 1))],
    'of a workflow that goes on': [clerk, flowOf((ctx) => ctx.step('note', () => 1))],
    'without its definitions': [teller],
  }

  test.each(Object.entries(days))('on a day %s', async (_, definitions) => {
    const replays = await all(runtimeOf(definitions).replay({ inFlight: 'only' }))
    const said = replays.map(({ runId, broken }) => [runId, broken?.code])
    const runtime = runtimeOf(definitions)
    const done: (readonly [string, string | undefined])[] = []
    for (const id of ids)
      done.push([
        id,
        await runtime.resume(id).then(
          () => undefined,
          (error: unknown) => (RepriseError.is(error) ? error.code : 'another'),
        ),
      ])
    await runtime.close()
    expect(said).toEqual(done)
  })
})

test('equal changes and causes are told once, the two questions apart', async () => {
  const today = defineAgent({ ...base, instructions: 'Be kind.', tools: [look, refund] })
  const { inFlight, answers } = await runtimeOf([today]).replay({}).summary()
  expect(inFlight).toEqual({
    runs: 3,
    broken: 1,
    causes: [
      {
        definition: { kind: 'workflow', name: 'flow' },
        cause: { kind: 'definition-removed', said: 'the workflow "flow" is not among the definitions' },
        runs: 1,
        example: { runId: 'flows', message: expect.stringMatching(/^The workflow "flow" is not one of/) as unknown },
      },
    ],
  })
  expect(answers).toMatchObject({ matched: 2, diverged: 2, failed: 1, different: 4 })
  expect(answers.causes.map(({ cause, runs, example }) => [cause.kind, runs, example.runId])).toEqual([
    ['tool-removed', 2, 'ended-1'],
    ['definition-removed', 1, 'flows'],
  ])
  expect(answers.differences.map(({ field, runs, inFlight, example }) => [field, runs, inFlight, example])).toEqual([
    ['instructions', 4, 2, 'ended-1'],
    ['tools', 4, 2, 'ended-1'],
  ])
  expect(answers.differences[0]?.change).toEqual({ recorded: 'Serve.', today: 'Be kind.' })
})

test('a field that is another in each run is told of some of them, and counted for the others', async () => {
  const context = z.object({ customer: z.string() })
  const named = (greeting: string) =>
    defineAgent({
      name: 'named',
      model: 'gpt-4.1-mini',
      context,
      instructions: ({ context }) => `${greeting} ${context.customer}.`,
    })
  const before = named('Serve')
  const runtime = runtimeOf([before], byTurn([]))
  for (let nth = 0; nth < 30; nth++)
    await (await runtime.start(before, 'go', { id: `n${nth}`, context: { customer: `c${nth}` } })).outcome()
  const { answers } = await runtimeOf([named('Greet')])
    .replay({ name: 'named' })
    .summary()
  expect(answers.different).toBe(30)
  expect(answers.differences).toHaveLength(21)
  expect(answers.differences[0]).toEqual({
    agent: 'named',
    field: 'instructions',
    change: null,
    runs: 10,
    inFlight: 0,
    example: 'n20',
  })
})
