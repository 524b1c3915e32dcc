// Two versions of the code work one store at the same time, and the newer is taken back: nothing is stranded, and
// neither damages what the other has.
import { setImmediate } from 'node:timers/promises'
import { type ManualClock, manualClock, memoryStore, type ScriptedAnswer, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineSignal,
  defineTool,
  defineWorkflow,
  type Store,
  type WorkflowContext,
} from '../src/index.ts'
import { outline } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
const input = z.object({ id: z.string() })
const toolOf = (name: string, approval = false) =>
  defineTool({ name, description: '', input, effect: 'idempotent', approval, execute: () => `${name} is done` })
const pay = toolOf('pay', true)
const more = toolOf('more')
const clerk = { name: 'clerk', model: 'm', tools: [pay] } as const
const v1 = defineAgent({ ...clerk, version: 1, instructions: 'Serve teh customer.' })
const v2 = defineAgent({ ...clerk, version: 2, instructions: 'Serve the customer.' })
const key = 'agent:0/turn:0/call:0'

/** Pays, then does what else it is told to do, and answers with the instructions that it was asked with. */
function modelOf(next: readonly ScriptedAnswer[] = []) {
  return scriptedModel(({ items, instructions }) => {
    if (items.length === 1) return { calls: [{ name: 'pay', arguments: { id: 'a' } }] }
    return next[(items.length - 3) / 2] ?? { text: instructions }
  })
}

function runtimeOn(
  store: Store,
  definitions: readonly AnyDefinition[],
  options: { clock?: ManualClock; log?: string[]; next?: readonly ScriptedAnswer[] } = {},
) {
  const { clock, log, next } = options
  return createRuntime({
    store,
    models: modelOf(next),
    definitions,
    ...(clock && { clock }),
    random: () => 0,
    log: { ...quiet, error: (line) => void log?.push(line) },
  })
}

/** Starts a run that waits to be allowed to pay. */
async function begin(store: Store, definition: typeof v1, id = 'r'): Promise<void> {
  const runtime = runtimeOn(store, [definition])
  await (await runtime.start(definition, 'go', { id })).outcome()
  await runtime.close()
}

/** Lets time go by until something is so. */
async function until(clock: ManualClock, holds: () => Promise<boolean>): Promise<void> {
  // To find that a version goes another way takes some hundred turns of the event loop.
  for (let turn = 0; turn < 2_000 && !(await holds()); turn++) await clock.advance(250)
}

describe('a run that waits for an approval', () => {
  it('survives a typo that is mended in its prompt, forwards and back, and goes on as it began', async () => {
    for (const [first, second, text] of [
      [v1, v2, 'Serve teh customer.'],
      [v2, v1, 'Serve the customer.'],
    ] as const) {
      const store = memoryStore()
      await begin(store, first)
      await using runtime = runtimeOn(store, [second])
      expect(await (await runtime.approve('r', key, { by: 'ana' })).result()).toBe(text)
      expect((await runtime.replay('r')).status).toBe('matched')
    }
  })

  it('goes on by a worker of the new version when somebody of the old one allowed what that cannot carry on', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const newer = { ...clerk, version: 2, instructions: '', tools: [more, pay], onChange: 'adopt' } as const
    const next = [
      { calls: [{ name: 'more', arguments: { id: 'b' } }] },
      { calls: [{ name: 'pay', arguments: { id: 'b' } }] },
    ]
    await begin(store, v1)
    const two = runtimeOn(store, [defineAgent(newer)], { clock, next })
    expect(await (await two.approve('r', key, { by: 'ana' })).outcome()).toMatchObject({ kind: 'waiting' })
    // The old version has no tool `more`, which the run has used by now.
    const one = runtimeOn(store, [v1], { clock })
    await expect(one.approve('r', 'agent:0/turn:2/call:0', { by: 'ana' })).rejects.toThrow(
      /cannot go on under today's code of agent "clerk", version 1: its entry \d+ is call\.judged more at agent:0\/turn:1\/call:0/,
    )
    const worker = two.work()
    await until(clock, async () => (await store.run('r'))?.status === 'completed')
    expect(await store.run('r')).toMatchObject({ status: 'completed' })
    expect((await two.replay('r')).status).toBe('matched')
    await Promise.all([worker.stop(), clock.advance(1_000)])
    await Promise.all([one.close(), two.close()])
  })
})

describe('workers of two versions over one store', () => {
  const go = defineSignal({ name: 'go', payload: z.null() })
  const flow = (version: number, run: (ctx: WorkflowContext) => Promise<unknown>) =>
    defineWorkflow({ name: 'flow', version, input: z.null(), run })
  const effects: string[] = []
  const step = (ctx: WorkflowContext, name: string) =>
    ctx.step(name, ({ idempotencyKey }) => effects.push(idempotencyKey)).then(() => name)
  const older = flow(1, async (ctx) => [await step(ctx, 'one'), await ctx.receive(go), await step(ctx, 'two')])
  const newer = flow(2, async (ctx) => [
    await step(ctx, 'zero'),
    await step(ctx, 'one'),
    await ctx.receive(go),
    await step(ctx, 'two'),
  ])

  it('each take the runs that they can carry on, leave the others alone, and end all of them once', async () => {
    effects.length = 0
    const store = memoryStore()
    const clock = manualClock()
    const log: string[] = []
    const one = runtimeOn(store, [older], { clock, log })
    const two = runtimeOn(store, [newer], { clock, log })
    for (let n = 0; n < 4; n++) {
      await (await one.start(older, null, { id: `old-${n}` })).outcome()
      await (await two.start(newer, null, { id: `new-${n}` })).outcome()
    }
    const workers = [one.work(), two.work()]
    // Left in the store, as a third process would: nobody is told.
    for (const { id } of await one.runs.list())
      await store.send({
        runId: id,
        dedupe: 'go',
        kind: 'signal',
        body: { signal: 'go', id: 'go', payload: null },
        at: 0,
      })
    const ended = async (): Promise<boolean> => (await one.runs.list({ status: 'completed' })).length === 8
    await until(clock, ended)
    expect((await one.runs.list()).map(({ id, status, attempts }) => `${id} ${status} ${attempts < 5}`)).toEqual(
      [0, 1, 2, 3].flatMap((n) => [`old-${n} completed true`, `new-${n} completed true`]),
    )
    expect(effects.length).toBe(4 * (2 + 3))
    expect(new Set(effects).size).toBe(effects.length)
    for (const { id } of await one.runs.list()) {
      const [own, others] = id.startsWith('old') ? [one, two] : [two, one]
      expect([(await own.replay(id)).status, (await others.replay(id)).status], id).toEqual(['matched', 'diverged'])
    }
    await Promise.all([...workers.map((worker) => worker.stop()), clock.advance(1_000)])
    await Promise.all([one.close(), two.close()])
  })

  it('of the old version try a run of the new one ever more rarely, and never bring it into quarantine', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const log: string[] = []
    const two = runtimeOn(store, [newer], { clock })
    await (await two.start(newer, null, { id: 'r' })).outcome()
    await two.close()
    await store.send({
      runId: 'r',
      dedupe: 'go',
      kind: 'signal',
      body: { signal: 'go', id: 'go', payload: null },
      at: 0,
    })
    const before = await store.entries('r')
    const epoch = (await store.run('r'))?.epoch ?? 0
    const one = runtimeOn(store, [older], { clock, log })
    const worker = one.work()
    for (let turn = 0; turn < 100; turn++) {
      await clock.advance(250)
      // Code that does not ask for what is recorded is given some turns of the event loop to do so.
      for (let more = 0; more < 300; more++) await setImmediate()
    }
    // Each try is an epoch.
    const tries = ((await store.run('r'))?.epoch ?? 0) - epoch
    expect(tries).toBeGreaterThan(3)
    expect(tries).toBeLessThan(10)
    expect(log.length).toBeLessThan(tries)
    expect(log[0]).toContain(
      'The run "r" could not be taken up: The run "r" cannot go on under today\'s code of workflow "flow", version 1',
    )
    expect(await store.entries('r')).toEqual(before)
    expect(await store.run('r')).toMatchObject({ status: 'waiting', owner: null })
    await Promise.all([worker.stop(), clock.advance(1_000)])
    // The new version comes back.
    await using again = runtimeOn(store, [newer])
    expect(await (await again.resume('r')).outcome()).toMatchObject({ kind: 'completed' })
    await one.close()
  })

  it('find their versions side by side in one process, whichever of them a run went on under', async () => {
    const store = memoryStore()
    const one = runtimeOn(store, [older])
    for (const id of ['a', 'b']) await (await one.start(older, null, { id })).outcome()
    await one.close()
    // Version 3 goes the way of version 1 and, after the signal, one of its own.
    const third = flow(3, async (ctx) => [
      await step(ctx, 'one'),
      await ctx.receive(go),
      await step(ctx, 'three'),
      await ctx.receive(go),
    ])
    const three = runtimeOn(store, [third])
    await three.send('b', go, null)
    expect(await (await three.resume('b')).outcome()).toMatchObject({ kind: 'waiting' })
    await three.close()
    await using all = runtimeOn(store, [newer, third, older])
    await (await all.start(newer, null, { id: 'c' })).outcome()
    for (const id of ['a', 'b', 'c']) {
      await all.send(id, go, null)
      expect(await (await all.resume(id)).outcome(), id).toMatchObject({ kind: 'completed' })
      expect((await all.replay(id)).status, id).toBe('matched')
    }
    const steps = async (id: string) =>
      outline(await all.runs.entries(id))
        .filter((line) => line.startsWith('step.returned'))
        .map((line) => line.slice(14))
    expect(await steps('a')).toEqual(['step:one', 'step:two'])
    expect(await steps('b')).toEqual(['step:one', 'step:three'])
    expect(await steps('c')).toEqual(['step:zero', 'step:one', 'step:two'])
  })
})

describe('text that is adopted', () => {
  const options = { ...clerk, onChange: 'adopt' } as const
  const [one, two] = [
    defineAgent({ ...options, version: 1, instructions: 'Old.' }),
    defineAgent({ ...options, version: 2, instructions: 'New.' }),
  ]

  it('is not taken back by a process of the older version, which goes on with it', async () => {
    const store = memoryStore()
    await begin(store, one)
    const newer = runtimeOn(store, [two])
    await (await newer.resume('r')).outcome()
    await newer.close()
    await using older = runtimeOn(store, [one])
    expect(await (await older.approve('r', key, { by: 'ana' })).result()).toBe('New.')
    expect(outline(await older.runs.entries('r')).filter((line) => line.startsWith('definition'))).toEqual([
      'definition.changed run',
    ])
    expect((await older.replay('r')).status).toBe('matched')
  })
})

describe('a newer version that is taken back', () => {
  it('leaves its runs to the older one, as far as that has their way', async () => {
    const store = memoryStore()
    await begin(store, v2, 'waits')
    await using one = runtimeOn(store, [v1])
    expect(await (await one.approve('waits', key, { by: 'ana' })).result()).toBe('Serve the customer.')
    expect(await one.runs.get('waits')).toMatchObject({ version: 2, status: 'completed' })
  })
})

it('two definitions of one kind, name and version are refused', () => {
  expect(() => runtimeOn(memoryStore(), [v1, defineAgent({ ...clerk, instructions: 'Another.' })])).toThrow(
    'createRuntime was given two agents named "clerk", both version 1. Rename one of them or, to let two versions stand side by side, give them versions of their own.',
  )
})
