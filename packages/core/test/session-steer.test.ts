// What a user says while a run of the session is under way: heard there, or worked as the next turn, and never both.
import { Crash, crashing, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  createRuntime,
  defineAgent,
  defineTool,
  type Item,
  type Model,
  type Runtime,
  type Store,
} from '../src/index.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A desk whose tool and whose second request wait until they are let go. */
function deskOf(approval = false) {
  const gates = { tool: Promise.withResolvers<void>(), asked: Promise.withResolvers<void>(), go: Promise.resolve() }
  const look = defineTool({
    name: 'look',
    description: 'Looks.',
    input: z.object({}),
    effect: 'idempotent',
    approval,
    async execute() {
      gates.tool.resolve()
      await gates.go
      return 'found'
    },
  })
  const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: '', tools: [look] })
  const asked: string[] = []
  const models: Model = scriptedModel(async ({ items }) => {
    asked.push(short(items))
    const last = items.at(-1)
    if (last?.kind === 'user' && last.text === 'slow') {
      gates.asked.resolve()
      await gates.go
    }
    return last?.kind === 'user' && last.text === 'look'
      ? { calls: [{ name: 'look' }] }
      : { text: `to ${short(items.slice(-1))}` }
  })
  const open = (store: Store): Runtime =>
    createRuntime({ store, models, definitions: [desk], random: () => 0, log: quiet })
  return { gates, desk, asked, open }
}

function short(items: readonly Item[]): string {
  return items
    .map((item) =>
      item.kind === 'result' ? item.output : item.kind === 'call' ? item.name : 'text' in item ? item.text : '',
    )
    .join(' | ')
}

async function allReplay(runtime: Runtime): Promise<void> {
  for (const { id } of await runtime.runs.list({ sessionId: 'chat' }))
    expect(await runtime.replay(id), id).toMatchObject({ status: 'matched', differences: [] })
}

it('is heard after the results of calls that are under way, and its run ends as that one does', async () => {
  const { gates, desk, asked, open } = deskOf()
  const let_ = Promise.withResolvers<void>()
  gates.go = let_.promise
  await using runtime = open(memoryStore())
  const session = runtime.session('chat', { agent: desk })
  const first = await session.send('look', { id: 'm1' })
  await gates.tool.promise
  const second = await session.send('and hurry', { id: 'm2', steer: true, by: 'ann' })
  let_.resolve()

  expect([await first.result(), await second.result()]).toEqual(['to and hurry', 'to and hurry'])
  expect(asked).toEqual(['look', 'look | look | found | and hurry'])
  expect((await runtime.runs.entries('chat/m1')).find(({ kind }) => kind === 'message.received')?.body).toEqual({
    signal: 'said',
    id: 'chat/m2',
    payload: { input: 'and hurry', by: 'ann' },
  })
  expect((await session.history()).map(({ item }) => short([item]))).toEqual([
    'look',
    'look',
    'found',
    'and hurry',
    'to and hurry',
  ])
  await allReplay(runtime)
  expect(await (await session.send('bye', { id: 'm3' })).result()).toBe('to bye')
  expect(asked.at(-1)).toBe('look | look | found | and hurry | to and hurry | bye')
  await allReplay(runtime)
})

it('is heard after a reply that was under way, before the run would end', async () => {
  const { gates, desk, asked, open } = deskOf()
  const let_ = Promise.withResolvers<void>()
  gates.go = let_.promise
  await using runtime = open(memoryStore())
  const session = runtime.session('chat', { agent: desk })
  const first = await session.send('slow', { id: 'm1' })
  await gates.asked.promise
  const second = await session.send('wait', { id: 'm2', steer: true })
  let_.resolve()

  expect([await first.result(), await second.result()]).toEqual(['to wait', 'to wait'])
  expect(asked).toEqual(['slow', 'slow | to slow | wait'])
  await allReplay(runtime)
})

it('is heard while a person is asked, and read once that has allowed the call', async () => {
  const { desk, asked, open } = deskOf(true)
  await using runtime = open(memoryStore())
  const session = runtime.session('chat', { agent: desk })
  const first = await session.send('look', { id: 'm1' })
  const rests = await first.outcome()
  const second = await session.send('please', { id: 'm2', steer: true })
  expect((await second.outcome()).kind).toBe('waiting')
  expect(await runtime.runs.get('chat/m1')).toMatchObject({ status: 'waiting', waiting: { kind: 'approval' } })
  await runtime.approve('chat/m1', rests.kind === 'waiting' && 'id' in rests.waiting ? rests.waiting.id : '', {
    by: 'ana',
  })

  expect(await second.result()).toBe('to please')
  expect(asked.at(-1)).toBe('look | look | found | please')
  await allReplay(runtime)
})

it('is the next turn where nothing is under way', async () => {
  const { desk, asked, open } = deskOf()
  await using runtime = open(memoryStore())
  const session = runtime.session('chat', { agent: desk })
  await (await session.send('one', { id: 'm1', steer: true })).result()
  expect(await (await session.send('two', { id: 'm2', steer: true })).result()).toBe('to two')
  expect(asked).toEqual(['one', 'one | to one | two'])
})

it('is said once, wherever the process dies', async () => {
  const talk = async (store: Store): Promise<string | undefined> => {
    const { desk, open } = deskOf()
    const runtime = open(store)
    try {
      const session = runtime.session('chat', { agent: desk })
      await session.send('look', { id: 'm1' })
      await session.send('more', { id: 'm2', steer: true })
      const outcome = await (await session.send('last', { id: 'm3' })).outcome()
      await allReplay(runtime)
      const users = (await session.history()).flatMap(({ item }) => (item.kind === 'user' ? item.text : []))
      return `${outcome.kind}: ${users.join(', ')}`
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      return undefined
    } finally {
      await runtime.close()
    }
  }
  const counted = crashing(memoryStore(), { of: 'write', at: Infinity, side: 'before' })
  expect(await talk(counted)).toBe('completed: look, more, last')
  for (let at = 1; at <= counted.writes; at++)
    for (const side of ['before', 'after'] as const) {
      const store = memoryStore()
      await talk(crashing(store, { of: 'write', at, side }))
      expect(await talk(store), `${side} write ${at}`).toBe('completed: look, more, last')
    }
})
