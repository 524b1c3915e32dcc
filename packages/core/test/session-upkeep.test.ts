// A session is one where its data is deleted, erased, exported and imported.
import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { expect, it } from 'vitest'
import { createRuntime, defineAgent, type Runtime, type Store } from '../src/index.ts'

const desk = defineAgent({ name: 'desk', model: 'gpt-4.1-mini', instructions: 'Help.' })

function open(store: Store, clock = manualClock({ now: 1_000 })): Runtime {
  const models = scriptedModel(({ items }) => ({ text: `${items.length}` }))
  return createRuntime({ store, models, definitions: [desk], clock })
}

async function say(runtime: Runtime, id: string): Promise<unknown> {
  return (await runtime.session('chat', { agent: desk, user: 'ann' }).send(id, { id })).result()
}

it('is deleted whole, once its newest turn is old, and may begin anew', async () => {
  const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
  await using runtime = open(store, clock)
  await say(runtime, 'one')
  await clock.advance(1_000)
  await say(runtime, 'two')

  expect(await runtime.gc({ olderThanMs: 500 })).toBe(0)
  expect(await say(runtime, 'three')).toBe('5')
  await clock.advance(1_000)
  expect(await runtime.gc({ olderThanMs: 500 })).toBe(3)
  expect(await say(runtime, 'four')).toBe('1')
})

it('is erased whole, by itself or by any of its turns, and takes no message any more', async () => {
  const store = memoryStore()
  await using runtime = open(store)
  await say(runtime, 'one')
  await say(runtime, 'two')
  await (await runtime.fork('chat/two', { at: 2, id: 'fork' })).result()
  await expect(runtime.erase('fork', { by: 'ana' })).rejects.toThrow(
    'The run "fork" cannot be erased by itself: it came of the session chat. Erase that, with all that came of it.',
  )
  const session = runtime.session('chat', { agent: desk, user: 'ann' })

  expect(await session.erase({ by: 'ana' })).toEqual({ runs: 3 })
  expect((await store.runs({})).map(({ erasedAt }) => erasedAt !== null)).toEqual([true, true, true])
  await expect(say(runtime, 'three')).rejects.toMatchObject({ code: 'run_erased' })
  await expect(session.history()).rejects.toMatchObject({ code: 'run_erased' })
  await expect(runtime.session('nobody', { agent: desk }).erase({ by: 'ana' })).rejects.toMatchObject({
    code: 'unknown_run',
  })
})

it('is exported whole, each turn once, and goes on where it is imported', async () => {
  const [from, to] = [memoryStore(), memoryStore()]
  await using there = open(from)
  for (const id of ['one', 'two', 'three']) await say(there, id)
  await (await there.start(desk, 'alone', { id: 'alone' })).result()
  for (const asked of ['chat/two', { user: 'ann' }, { sessionId: 'chat' }, ['chat/three', 'chat/one']])
    expect(await idsIn(there.export(asked))).toEqual(['chat/one', 'chat/two', 'chat/three'])

  await using here = open(to)
  await here.import(there.export('chat/two'))
  for (const { id } of await here.runs.list({ sessionId: 'chat' }))
    expect(await here.replay(id)).toMatchObject({ status: 'matched' })
  expect(await say(here, 'four')).toBe('7')
  expect((await here.session('chat', { agent: desk, user: 'ann' }).history()).map(({ turn }) => turn)).toEqual([
    1, 1, 2, 2, 3, 3, 4, 4,
  ])
})

async function idsIn(text: AsyncIterable<string>): Promise<string[]> {
  const ids: string[] = []
  for await (const line of text) {
    const { run } = JSON.parse(line) as { readonly run?: string }
    if (run !== undefined) ids.push(run)
  }
  return ids
}
