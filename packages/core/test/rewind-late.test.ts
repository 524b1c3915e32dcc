// Rewinds that come when much else happens: the child just ends, the process dies, the run goes on with another child by now.
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  agentTool,
  createRuntime,
  defineAgent,
  defineTool,
  defineWorkflow,
  type Model,
  type Store,
} from '../src/index.ts'
import { call, untilCrash } from './world.fixture.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

const seal = defineTool({
  name: 'seal',
  description: 'Seals what somebody allows.',
  input: z.object({ id: z.string() }),
  effect: 'read',
  approval: true,
  execute: ({ id }) => `sealed ${id}`,
})
const clerk = defineAgent({ name: 'clerk', model: 'm', instructions: '', tools: [seal] })
const boss = defineAgent({
  name: 'boss',
  model: 'm',
  instructions: '',
  tools: [agentTool(clerk, { name: 'ask', description: 'Asks.' })],
})
const flow = defineWorkflow({ name: 'flow', input: z.string(), run: (ctx, task) => ctx.agent(clerk, task) })
const definitions = [clerk, boss, flow]

/** The clerk seals what it is asked to, unless that is little, and says so; the boss says what it heard. */
const model = scriptedModel(({ card, items }) => {
  const last = items.at(-1)
  if (last?.kind === 'result') return { text: card.agent === 'boss' ? last.output : `${last.output}.` }
  const task = last?.kind === 'user' ? last.text : ''
  if (card.agent === 'boss') return { calls: [{ name: 'ask', arguments: { task } }] }
  return task.startsWith('little') ? { text: `did ${task}.` } : { calls: [call('seal', task)] }
})

function runtimeOn(store: Store, models: Model = model) {
  return createRuntime({ store, models, definitions, clock: manualClock(), random: () => 0, log: quiet })
}

type Runtime = ReturnType<typeof runtimeOn>

const parents = [
  {
    kind: 'a workflow',
    key: 'agent:clerk',
    start: (runtime: Runtime, input: string) => runtime.start(flow, input, { id: 'p' }),
  },
  {
    kind: 'an agent',
    key: 'agent:0/turn:0/call:0',
    start: (runtime: Runtime, input: string) => runtime.start(boss, input, { id: 'p' }),
  },
] as const

describe.each(parents)('$kind', ({ key, start }) => {
  const child = `p/${key}`

  /** A fork of a run that ended with another task. */
  async function forkTo(runtime: Runtime, id: string, input: string, of = child): Promise<void> {
    await (await runtime.fork(of, { at: 1, id, effects: 'live', edit: { kind: 'input', input } })).outcome()
  }

  it('hears nothing of its child that ends while the word is read that it goes on with a fork', async () => {
    const store = memoryStore()
    let answer = (): void => undefined
    const slow: Model = {
      async *ask(request, signal) {
        if (request.runId === child) await new Promise<void>((resolve) => (answer = resolve))
        for await (const event of model.ask(request, signal)) yield event
      },
    }
    const inbox = store.inbox.bind(store)
    store.inbox = async (runId) => {
      const messages = await inbox(runId)
      if (runId === 'p' && messages.some(({ kind }) => kind === 'rewind')) {
        answer()
        while ((await store.run(child))?.endedAt === null) await new Promise((resolve) => setImmediate(resolve))
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      }
      return messages
    }
    await using runtime = runtimeOn(store, slow)
    const run = await start(runtime, 'little a')
    while ((await store.run(child)) === undefined) await new Promise((resolve) => setImmediate(resolve))
    await forkTo(runtime, 'f', 'little b')
    await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })
    expect(await run.outcome()).toMatchObject({ kind: 'completed', output: 'did little b.' })
    expect(await runtime.runs.get('f')).toMatchObject({ parentId: 'p' })
    for (const id of ['p', child, 'f']) expect((await runtime.replay(id)).status, id).toBe('matched')
  })

  /** A store as a process leaves it that dies once it has written that the run goes on with the fork. */
  async function diedRewinding(): Promise<Store> {
    for (let at = 1; at < 20; at++) {
      const store = memoryStore()
      const runtime = runtimeOn(store)
      await (await start(runtime, 'a')).outcome()
      await forkTo(runtime, 'f', 'b')
      await runtime.close()
      const dying = runtimeOn(crashing(store, { at, side: 'after' }))
      await untilCrash(dying, async () => (await dying.rewind('p', { from: child, to: 'f', by: 'ana' })).outcome())
      if ((await store.run('f'))?.parentId === 'p') return store
    }
    throw new Error('It never came so far')
  }

  it('that is cancelled after its process died in a rewind takes the child along that it goes on without', async () => {
    const store = await diedRewinding()
    expect(await store.run(child)).toMatchObject({ status: 'waiting' })
    await using runtime = runtimeOn(store)
    const run = await runtime.resume('p')
    await run.cancel('enough')
    expect(await run.outcome()).toMatchObject({ kind: 'cancelled' })
    for (const id of ['p', 'f', child]) expect(await runtime.runs.get(id), id).toMatchObject({ status: 'cancelled' })
  })

  it('that is pointed to one more fork after its process died in a rewind goes on without both before', async () => {
    const store = await diedRewinding()
    await using runtime = runtimeOn(store)
    await forkTo(runtime, 'g', 'c', 'f')
    const run = await runtime.rewind('p', { from: 'f', to: 'g', by: 'ana' })
    expect(await run.outcome()).toMatchObject({ waiting: { kind: 'child', runId: 'g' } })
    for (const id of ['f', child]) expect(await runtime.runs.get(id), id).toMatchObject({ status: 'cancelled' })
  })

  it('stays with its child where the fork is deleted before the word of it is read', async () => {
    const store = memoryStore()
    await using runtime = runtimeOn(store)
    await (await start(runtime, 'a')).outcome()
    await forkTo(runtime, 'f', 'little b')
    const inbox = store.inbox.bind(store)
    store.inbox = async (runId) => {
      if (runId === 'p') await store.gc(Infinity, ['completed'], 10)
      return inbox(runId)
    }
    const run = await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })
    expect(await run.outcome()).toMatchObject({ waiting: { kind: 'child', runId: child } })
    expect(await store.run('f')).toBeUndefined()
    expect(await runtime.runs.get(child)).toMatchObject({ status: 'waiting' })
    expect(await inbox('p')).toEqual([])
  })

  it('has used what its children have used, the one that it went on without too, each once', async () => {
    await using runtime = runtimeOn(memoryStore())
    await (await start(runtime, 'a')).outcome()
    await forkTo(runtime, 'f', 'b')
    const own = (await runtime.runs.get('p')).totals.turns
    await (await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })).outcome()
    const turns = async (id: string): Promise<number> => (await runtime.runs.get(id)).totals.turns
    expect([await turns(child), await turns('f')]).toEqual([1, 1])
    expect(await turns('p')).toBe(own + 1)
    await (await runtime.approve('f', 'agent:0/turn:0/call:0', { by: 'ana' })).outcome()
    const { totals } = await (await runtime.resume('p')).outcome()
    expect(totals.turns).toBe(await turns('p'))
    expect(totals.turns).toBe(own + 1 + 1 + (key === 'agent:clerk' ? 0 : 1))
  })

  it('is not pointed back to a child that it has gone on without, nor from one', async () => {
    await using runtime = runtimeOn(memoryStore())
    await (await start(runtime, 'a')).outcome()
    await forkTo(runtime, 'f', 'b')
    await forkTo(runtime, 'g', 'c')
    await (await runtime.rewind('p', { from: child, to: 'f', by: 'ana' })).outcome()
    await expect(runtime.rewind('p', { from: 'f', to: child, by: 'ana' })).rejects.toThrow(
      `The run "p" cannot go on with "${child}" instead of "f": it has gone on without "${child}". Fork that, and give the fork.`,
    )
    await expect(runtime.rewind('p', { from: child, to: 'g', by: 'ana' })).rejects.toThrow(
      `The run "p" cannot go on with "g" instead of "${child}": it goes on with "f" by now.`,
    )
  })
})
