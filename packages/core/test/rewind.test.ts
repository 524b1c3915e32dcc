// A run that goes on with a fork of its child instead of that child.
import { changedStore, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  type AnyDefinition,
  createRuntime,
  defineAgent,
  defineTool,
  defineWorkflow,
  type Model,
  type Outcome,
  type Store,
} from '../src/index.ts'
import { call, newWorld, outline, untilCrash, type World } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

const seal = defineTool({
  name: 'seal',
  description: 'Seals what somebody allows.',
  input: z.object({ id: z.string() }),
  effect: 'idempotent',
  approval: true,
  execute: ({ id }, { services, idempotencyKey }: { services: unknown; idempotencyKey: string }) => {
    ;(services as World).effects.push(`seal ${id} ${idempotencyKey}`)
    return `sealed ${id}`
  },
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [seal] })
const boss = defineAgent({
  name: 'boss',
  model: 'm',
  instructions: '',
  tools: [agentTool(clerk, { name: 'ask', description: 'Asks.' })],
})
const flow = defineWorkflow({
  name: 'flow',
  input: z.string(),
  async run(ctx, task) {
    const said = await ctx.agent(clerk, task)
    return { said, after: await ctx.step('after', () => 'done') }
  },
})
const definitions = [clerk, boss, flow]

/** The clerk seals what it is asked to, and says so; the boss asks the clerk, and says what it heard. */
const model = scriptedModel(({ card, items }) => {
  const last = items.at(-1)
  if (last?.kind === 'result') return { text: `${card.agent}: ${last.output}` }
  const task = last?.kind === 'user' ? last.text : ''
  return { calls: [card.agent === 'boss' ? { name: 'ask', arguments: { task } } : call('seal', task)] }
})

function runtimeOn(
  store: Store,
  services: World = newWorld(),
  models: Model = model,
  defined: readonly AnyDefinition[] = definitions,
) {
  return createRuntime({
    store,
    models,
    definitions: defined,
    services,
    clock: manualClock(),
    random: () => 0,
    log: quiet,
  })
}

type Runtime = ReturnType<typeof runtimeOn>

/** The parents, each with the key of its child, what it starts with, and how it says what the child said. */
const parents = [
  { kind: 'a workflow', key: 'agent:clerk', parent: flow, output: (said: string) => ({ said, after: 'done' }) },
  { kind: 'an agent', key: 'agent:0/turn:0/call:0', parent: boss, output: (said: string) => `boss: ${said}` },
] as const
const SEAL = 'agent:0/turn:0/call:0'

async function start(runtime: Runtime, { parent }: (typeof parents)[number]): Promise<Outcome> {
  const run =
    parent.kind === 'workflow'
      ? await runtime.start(parent, 'a', { id: 'p' })
      : await runtime.start(parent, 'a', { id: 'p' })
  return run.outcome()
}

/** Lets time go by until something is done. */
async function passing<T>(clock: ReturnType<typeof manualClock>, work: Promise<T>): Promise<T> {
  let done = false
  const settled = work.finally(() => (done = true))
  while (!done) await clock.advance(500)
  return settled
}

describe.each(parents)('$kind that waits for its child', (what) => {
  const child = `p/${what.key}`

  /** The parent waits for its child, which waits for somebody, and so does a fork of that which seals something else. */
  async function forked(runtime: Runtime): Promise<void> {
    expect(await start(runtime, what)).toMatchObject({ kind: 'waiting', waiting: { kind: 'child', runId: child } })
    const edit = { kind: 'input', input: 'b' } as const
    const fork = await runtime.fork(child, { at: 1, id: 'f', effects: 'live', edit })
    expect(await fork.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'approval' } })
  }

  it('goes on with a fork that has ended, also where runs are cleaned up just when that is read', async () => {
    const store = memoryStore()
    let isLeft = false
    const cleaned = changedStore(store, {
      send: (message, ...rest) => {
        isLeft ||= message.kind === 'rewind'
        return store.send(message, ...rest)
      },
      run: async (id) => {
        const row = await store.run(id)
        if (isLeft && id === 'f') await store.gc(Infinity, ['completed'], 10)
        return row
      },
    })
    await using runtime = runtimeOn(cleaned)
    await forked(runtime)
    await (await runtime.approve('f', SEAL, { by: 'ana' })).outcome()
    const outcome = await (await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })).outcome()
    expect(outcome).toMatchObject({ kind: 'completed', output: what.output('clerk: sealed b') })
  })

  it('goes on with the fork, which is its child from then on, and the child is cancelled', async () => {
    const store = memoryStore()
    const world = newWorld()
    await using runtime = runtimeOn(store, world)
    await forked(runtime)
    const run = await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'child', runId: 'f' } })
    expect(await runtime.runs.get(child)).toMatchObject({ status: 'cancelled', parentId: 'p' })
    expect(await runtime.runs.get('f')).toMatchObject({ parentId: 'p', parentKey: what.key, forkOf: child })
    const entries = await runtime.runs.entries('p')
    const rewound = entries.find(({ kind }) => kind === 'run.rewound')
    expect(rewound).toMatchObject({ key: what.key, body: { from: child, to: 'f', by: 'ana' } })
    await expect(runtime.approve(child, SEAL, { by: 'ana' })).rejects.toThrow('Waiting: none.')
    await (await runtime.approve('f', SEAL, { by: 'ana' })).outcome()
    const outcome = await (await runtime.resume('p')).outcome()
    expect(outcome).toMatchObject({ kind: 'completed', output: what.output('clerk: sealed b') })
    expect(world.effects).toEqual([`seal b f/${SEAL}`])
    for (const id of ['p', child, 'f']) expect((await runtime.replay(id)).status, id).toBe('matched')
    // Said again, it is done already.
    expect(await (await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })).outcome()).toEqual(outcome)
  })

  it('goes on at once with one that has ended', async () => {
    const store = memoryStore()
    await using runtime = runtimeOn(store)
    await forked(runtime)
    expect(await (await runtime.approve('f', SEAL, { by: 'ana' })).result()).toBe('clerk: sealed b')
    const run = await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })
    expect(await run.result()).toEqual(what.output('clerk: sealed b'))
    expect((await runtime.replay('p')).status).toBe('matched')
    await expect(runtime.rewind('p', { from: child, to: 'g', by: 'ana' })).rejects.toThrow('There is no run "g"')
  })

  it('goes on with the fork while its child is still asking, and hears nothing more of that', async () => {
    const store = memoryStore()
    const asked: string[] = []
    const slow: Model = {
      async *ask(request, signal) {
        asked.push(request.runId)
        if (request.runId === child)
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
        for await (const event of answering.ask(request, signal)) yield event
      },
    }
    const answering = scriptedModel(({ runId, card, items }) => {
      if (card.agent === 'clerk') return { text: `said by ${runId}` }
      const last = items.at(-1)
      return last?.kind === 'result'
        ? { text: `boss: ${last.output}` }
        : { calls: [{ name: 'ask', arguments: { task: 'a' } }] }
    })
    await using runtime = runtimeOn(store, newWorld(), slow)
    const run =
      what.parent.kind === 'workflow'
        ? await runtime.start(what.parent, 'a', { id: 'p' })
        : await runtime.start(what.parent, 'a', { id: 'p' })
    while (!asked.includes(child)) await new Promise((resolve) => setImmediate(resolve))
    const fork = await runtime.fork(child, { at: 1, id: 'f', effects: 'live' })
    expect(await fork.result()).toBe('said by f')
    await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })
    expect(await run.result()).toEqual(what.output('said by f'))
    expect(await runtime.runs.get(child)).toMatchObject({ status: 'cancelled' })
    for (const id of ['p', child, 'f']) expect((await runtime.replay(id)).status, id).toBe('matched')
  })

  it('can be pointed to another fork again, is cancelled with the one it has, and is forked with none', async () => {
    const store = memoryStore()
    await using runtime = runtimeOn(store)
    await forked(runtime)
    await (await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })).outcome()
    const edit = { kind: 'input', input: 'c' } as const
    await (await runtime.fork('f', { at: 1, id: 'g', effects: 'live', edit })).outcome()
    const run = await runtime.rewind('p', { from: 'f', to: 'g', by: 'bob' })
    expect(await run.outcome()).toMatchObject({ waiting: { kind: 'child', runId: 'g' } })
    expect(await runtime.runs.get('f')).toMatchObject({ status: 'cancelled' })
    const { length } = await runtime.runs.entries('p')
    const copy = await runtime.fork('p', { at: length, id: 'q', effects: 'live' })
    expect(await copy.outcome()).toMatchObject({ waiting: { kind: 'child', runId: `q/${what.key}` } })
    expect((await runtime.replay('q')).status).toBe('matched')
    await runtime.cancel('p', 'enough')
    for (const id of ['p', 'g']) expect(await runtime.runs.get(id)).toMatchObject({ status: 'cancelled' })
    for (const id of ['p', 'f', 'g']) expect((await runtime.replay(id)).status, id).toBe('matched')
  })

  it('is told by another process while its own drives it, and goes on there', async () => {
    const store = memoryStore()
    const clock = manualClock()
    const parts = { store, definitions, clock, random: () => 0, log: quiet, services: newWorld() }
    const asking: string[] = []
    const deaf: Model = {
      async *ask(request, signal) {
        asking.push(request.runId)
        if (request.runId === child)
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
        for await (const event of model.ask(request, signal)) yield event
      },
    }
    const one = createRuntime({ ...parts, models: deaf })
    const two = createRuntime({ ...parts, models: model })
    const run =
      what.parent.kind === 'workflow'
        ? await one.start(what.parent, 'a', { id: 'p' })
        : await one.start(what.parent, 'a', { id: 'p' })
    while (!asking.includes(child)) await clock.advance(0)
    const edit = { kind: 'input', input: 'b' } as const
    await (await two.fork(child, { at: 1, id: 'f', effects: 'live', edit })).outcome()
    await two.rewind('p', { from: child, to: 'f', by: 'ana' })
    // The owner of the run hears of it, and drops what it was at.
    expect(await passing<unknown>(clock, run.outcome())).toMatchObject({ waiting: { kind: 'child', runId: 'f' } })
    expect(await two.runs.get(child)).toMatchObject({ status: 'cancelled' })
    await passing(
      clock,
      two.approve('f', SEAL, { by: 'ana' }).then((fork) => fork.outcome()),
    )
    expect(
      await passing(
        clock,
        one.resume('p').then((again) => again.outcome()),
      ),
    ).toMatchObject({
      output: what.output('clerk: sealed b'),
    })
    for (const id of ['p', child, 'f']) expect((await two.replay(id)).status, id).toBe('matched')
    await passing(clock, Promise.all([one.close(), two.close()]))
  })

  it('goes on with a fork that another process drives just then, which rests once more before it ends', async () => {
    const store = memoryStore()
    const clock = manualClock()
    let answer = (): void => undefined
    const held: Model = {
      async *ask(request, signal) {
        if (request.runId === 'f' && request.items.length === 1)
          await new Promise<void>((resolve) => (answer = resolve))
        for await (const event of model.ask(request, signal)) yield event
      },
    }
    const parts = { store, definitions, clock, random: () => 0, log: quiet, services: newWorld() }
    const one = createRuntime({ ...parts, models: model })
    const two = createRuntime({ ...parts, models: held })
    await start(one, what)
    const edit = { kind: 'input', input: 'b' } as const
    const fork = await two.fork(child, { at: 1, id: 'f', effects: 'live', edit })
    while ((await store.run('f'))?.owner === null) await clock.advance(0)
    const run = await one.rewind('p', { from: child, to: 'f', by: 'ana' })
    while ((await store.run('f'))?.parentId !== 'p') await clock.advance(500)
    // Who drives the fork does not know yet whose child it is.
    answer()
    expect(await passing<unknown>(clock, fork.outcome())).toMatchObject({ waiting: { kind: 'approval' } })
    expect(await passing<unknown>(clock, run.outcome())).toMatchObject({ waiting: { kind: 'child', runId: 'f' } })
    await passing(clock, one.close())
    await passing(
      clock,
      two.approve('f', SEAL, { by: 'ana' }).then((again) => again.outcome()),
    )
    expect(
      await passing(
        clock,
        two.resume('p').then((again) => again.outcome()),
      ),
    ).toMatchObject({
      output: what.output('clerk: sealed b'),
    })
    for (const id of ['p', child, 'f']) expect((await two.replay(id)).status, id).toBe('matched')
    await passing(clock, two.close())
  })

  it('ends as if its process had not died, wherever it dies', { tags: 'slow' }, async () => {
    const prepared = async (): Promise<Store> => {
      const store = memoryStore()
      const runtime = runtimeOn(store)
      await forked(runtime)
      await runtime.close()
      return store
    }
    const live = async (store: Store, world: World): Promise<Outcome | undefined> => {
      const runtime = runtimeOn(store, world)
      return untilCrash(runtime, async () => {
        await (await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })).outcome()
        const { status } = await runtime.runs.get('f')
        if (status === 'waiting') await (await runtime.approve('f', SEAL, { by: 'ana' })).outcome()
        return (await runtime.resume('p')).outcome()
      })
    }
    const counted = crashing(await prepared(), { at: Infinity, side: 'before' })
    const expected = { kind: 'completed', output: what.output('clerk: sealed b') }
    expect(await live(counted, newWorld())).toMatchObject(expected)
    expect(counted.commits).toBeGreaterThan(3)
    for (let at = 1; at <= counted.commits; at++) {
      for (const side of ['before', 'after'] as const) {
        const place = `commit ${at}, ${side}`
        const store = await prepared()
        const world = newWorld()
        await live(crashing(store, { at, side }), world)
        expect(await live(store, world), place).toMatchObject(expected)
        expect([...new Set(world.effects)], place).toEqual([`seal b f/${SEAL}`])
        await using runtime = runtimeOn(store)
        expect(await runtime.runs.get(child), place).toMatchObject({ status: 'cancelled' })
        for (const id of ['p', child, 'f']) expect((await runtime.replay(id)).status, `${place}, ${id}`).toBe('matched')
      }
    }
  })
})

it('a rewind is refused where it would not be what was asked for', async () => {
  const store = memoryStore()
  await using runtime = runtimeOn(store)
  await start(runtime, parents[0])
  const child = 'p/agent:clerk'
  await (await runtime.fork(child, { at: 1, id: 'reads' })).outcome()
  await (await runtime.fork(child, { at: 1, id: 'f', effects: 'live' })).outcome()
  const refusal = (from: string, to: string) =>
    runtime.rewind('p', { from, to, by: 'ana' }).then(
      () => 'not refused',
      (error: Error) => error.message,
    )
  const why = (from: string, to: string) => `The run "p" cannot go on with "${to}" instead of "${from}": `
  expect(await refusal('f', child)).toBe(`${why('f', child)}"f" is no child of it. It has: ${child}.`)
  expect(await refusal(child, 'p')).toBe(`${why(child, 'p')}"p" is no fork of "${child}".`)
  expect(await refusal(child, 'reads')).toBe(
    `${why(child, 'reads')}the fork may only read, and would end where it comes to more. Fork it with effects: 'live'.`,
  )
  await (await runtime.approve(child, SEAL, { by: 'ana' })).outcome()
  await (await runtime.resume('p')).outcome()
  const [heard] = (await runtime.runs.entries('p')).filter(({ kind }) => kind === 'child.ended')
  expect(await refusal(child, 'f')).toBe(
    `${why(child, 'f')}it has heard what "${child}" came to, by its entry ${heard?.seq}. ` +
      `Fork it first, with what the fork came to: runtime.fork("p", { at: ${(heard?.seq ?? 0) + 1}, edit: { kind: 'result', result } }).`,
  )
  expect(outline(await runtime.runs.entries('p'))).not.toContain('run.rewound agent:clerk')
  expect(await runtime.runs.get('f')).toMatchObject({ status: 'waiting', parentId: null })
})
