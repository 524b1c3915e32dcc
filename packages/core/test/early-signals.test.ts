import { sqlite } from '@reprise/store'
import { crashing, manualClock, memoryStore } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSignal, type WorkflowContext } from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'
import { stands, untilSo } from './queue.fixture.ts'
import { untilCrash } from './world.fixture.ts'

const said = defineSignal({ name: 'said', payload: z.string() })
const password = defineSignal({ name: 'password', payload: z.object({ word: z.string().meta({ secret: true }) }) })
const hear = async (ctx: WorkflowContext, count: number): Promise<string> => {
  const heard: string[] = []
  while (heard.length < count) heard.push(await ctx.receive(said))
  return heard.join(' ')
}
const two = workflow((ctx) => hear(ctx, 2), 'two')
const other = workflow(async () => 'done', 'other')
const create = { workflow: two, input: '7' }

describe('a signal that begins its run', () => {
  it('queues the run with the signal in its inbox, and comes to the one that is there from then on', async () => {
    const clock = manualClock({ now: 1_000 })
    await using runtime = runtimeOf([two, other], memoryStore(), clock)
    await runtime.send('c7', said, 'one', { create: { ...create, tags: ['web'], priority: 3, concurrencyKey: 'c7' } })
    expect(await runtime.runs.get('c7')).toMatchObject({
      status: 'queued',
      tags: ['web'],
      priority: 3,
      concurrency: { key: 'c7', limit: 1 },
    })
    await runtime.send('c7', said, 'two', { create: { workflow: two, input: 'another' } })
    runtime.work()
    await untilSo(clock, stands(runtime, 'c7', 'completed'))
    expect(await (await runtime.resume('c7')).result()).toBe('one two')
  })

  it('begins none of an id that was erased, also once that is deleted: it says so, as enqueue does', async () => {
    const store = sqlite(':memory:')
    await using runtime = runtimeOf([two], store)
    await runtime.enqueue(two, '7', { id: 'c7' })
    await runtime.cancel('c7')
    await runtime.erase('c7', { by: 'ana' })
    for (const there of [1, 0]) {
      expect(await runtime.runs.list()).toHaveLength(there)
      const saying = expect.objectContaining({ code: 'run_erased' }) as Error
      await expect(runtime.enqueue(two, '7', { id: 'c7' })).rejects.toEqual(saying)
      await expect(runtime.send('c7', said, 'one', { create })).rejects.toEqual(saying)
      await store.gc(Date.now() + 1_000, ['cancelled'], 10)
    }
  })

  it('is one of all that are sent at once, and of a start', async () => {
    const store = memoryStore()
    const runtimes = [1, 2, 3].map(() => runtimeOf([two], store))
    const [runtime] = runtimes as [ReturnType<typeof runtimeOf>]
    await Promise.all([
      ...runtimes.map((each, at) => each.send('c7', said, `m${at}`, { id: `m${at}`, create })),
      ...runtimes.map((each, at) => each.send('c7', said, `m${at}`, { id: `m${at}`, create })),
      runtime.enqueue(two, '7', { id: 'c7' }),
    ])
    expect((await store.inbox('c7')).map(({ dedupe }) => dedupe).toSorted()).toEqual(
      [0, 1, 2].map((at) => `signal:said:m${at}`),
    )
    expect(await runtime.runs.list()).toHaveLength(1)
    await Promise.all(runtimes.map((each) => each.close()))
  })

  it('is refused by a run that has ended, or of another definition, and heard where it was heard before', async () => {
    await using runtime = runtimeOf([two, other])
    const run = await runtime.start(two, '7', { id: 'c7' })
    for (const id of ['one', 'two']) await runtime.send('c7', said, id, { id, create })
    await run.result()
    await runtime.send('c7', said, 'two', { id: 'two', create })
    await expect(runtime.send('c7', said, 'three', { create })).rejects.toThrow('it has ended (completed)')
    await (await runtime.start(other, '', { id: 'o' })).result()
    await expect(runtime.send('o', said, 'one', { create })).rejects.toThrow('exists with another definition')
    await expect(runtime.send('new', said, 'one', { create: { workflow: two, input: 7 as never } })).rejects.toThrow(
      'The input given to workflow "two" is wrong',
    )
    await expect(runtime.send('new', said, 7 as never, { create })).rejects.toThrow('cannot be sent to the run "new"')
    expect(await runtime.runs.list()).toHaveLength(2)
  })

  it('is refused by a run of another tenant or user, which hears nothing of it', async () => {
    const store = memoryStore()
    await using runtime = runtimeOf([two], store)
    await runtime.enqueue(two, '7', { id: 'c7', tenant: 'acme', user: 'ann' })
    const whose = { tenant: 'acme', user: 'ann' }
    for (const wrong of [{}, { ...whose, tenant: 'evil' }, { ...whose, user: 'bob' }])
      await expect(runtime.send('c7', said, 'one', { create: { ...create, ...wrong } })).rejects.toMatchObject({
        code: 'run_exists',
      })
    const evil = runtime.forTenant('evil')
    await expect(evil.send('c7', said, 'one', { create })).rejects.toThrow('The id "c7" is taken')
    await expect(evil.send('c8', said, 'one', { early: true })).rejects.toMatchObject({ code: 'one_tenant' })
    expect(await store.inbox('c7')).toEqual([])
    await runtime.forTenant('acme').send('c7', said, 'one', { create: { ...create, user: 'ann' } })
    expect(await store.inbox('c7')).toHaveLength(1)
  })

  it('tells its sender where the run ends just then without having heard it', async () => {
    const store = memoryStore()
    await using runtime = runtimeOf([other], store)
    const send = store.send.bind(store)
    await runtime.enqueue(other, '', { id: 'o' })
    store.send = async (...given) => {
      const left = await send(...given)
      store.send = send
      await runtime.cancel('o')
      return left
    }
    await expect(runtime.send('o', said, 'one', { create: { workflow: other, input: '' } })).rejects.toThrow(
      'it has ended (cancelled)',
    )
  })

  it('begins the run and is there, or neither, wherever its sender dies', async () => {
    for (const side of ['before', 'after'] as const) {
      const [store, clock] = [memoryStore(), manualClock({ now: 1_000 })]
      const dying = runtimeOf([two], crashing(store, { at: 1, side }), clock)
      await untilCrash(dying, () => dying.send('c7', said, 'one', { id: 'one', create })).catch(() => undefined)
      expect((await store.inbox('c7')).length).toBe((await store.runs({})).length)
      await using runtime = runtimeOf([two], store, clock)
      for (const id of ['one', 'two']) await runtime.send('c7', said, id, { id, create })
      runtime.work()
      await untilSo(clock, stands(runtime, 'c7', 'completed'))
      expect(await (await runtime.resume('c7')).result()).toBe('one two')
    }
  })

  it('keeps what is secret in it with the run', async () => {
    const store = memoryStore()
    const flow = workflow(async (ctx) => (await ctx.receive(password)).word)
    await using runtime = runtimeOf([flow], store)
    await runtime.send('c7', password, { word: 'hunter2' }, { create: { workflow: flow, input: '' } })
    expect(JSON.stringify(await store.inbox('c7'))).not.toContain('hunter2')
    expect(await (await runtime.resume('c7')).result()).not.toBe('hunter2')
  })
})

describe('a signal for a run that is not there', () => {
  it('is refused, unless it may wait', async () => {
    await using runtime = runtimeOf([two])
    await expect(runtime.send('c7', said, 'one')).rejects.toThrow('There is no run "c7"')
    await expect(runtime.send('c7', said, 'one', { early: true, create })).rejects.toThrow('early or create')
    await expect(runtime.send('c 7', said, 'one', { early: true })).rejects.toThrow('cannot have the id')
    await expect(runtime.send('c7', said, 7 as never, { early: true })).rejects.toThrow('cannot be sent')
    await expect(runtime.send('c7', password, { word: 'hunter2' }, { early: true })).rejects.toThrow('has a secret')
  })

  it('waits for it where asked, once, and is heard however the run begins', async () => {
    const clock = manualClock({ now: 1_000 })
    const child = workflow((ctx) => hear(ctx, 1), 'child')
    const parent = workflow((ctx) => ctx.child(child, ''), 'parent')
    await using runtime = runtimeOf([two, parent, child], memoryStore(), clock)
    for (const id of ['one', 'one', 'two']) await runtime.send('c7', said, id, { id, early: true })
    await runtime.send('p/child:child', said, 'to the child', { early: true })
    expect(await (await runtime.start(two, '', { id: 'c7' })).result()).toBe('one two')
    expect(await (await runtime.start(parent, '', { id: 'p' })).result()).toBe('to the child')
    await runtime.send('c7', said, 'two', { id: 'two', early: true })
    await expect(runtime.send('c7', said, 'three', { early: true })).rejects.toThrow('it has ended')
  })

  it('waits with a hundred others at most, and as long as what has ended is kept', async () => {
    const [clock, store] = [manualClock({ now: 1_000 }), memoryStore()]
    await using runtime = runtimeOf([two], store, clock)
    for (let at = 0; at < 100; at++) await runtime.send('c7', said, '', { early: true })
    await expect(runtime.send('c7', said, 'x', { early: true })).rejects.toThrow('100 signals do, and it has not begun')
    await clock.advance(10_000)
    await runtime.gc({ olderThanMs: 5_000 })
    await runtime.send('c7', said, 'x', { early: true })
    await runtime.enqueue(two, '', { id: 'c7' })
    expect(await store.inbox('c7')).toHaveLength(1)
  })

  it('and a run that begins at once find each other, whoever is first', async () => {
    const store = memoryStore()
    await using one = runtimeOf([two], store)
    await using other = runtimeOf([two], store)
    for (let at = 0; at < 20; at++) {
      const id = `c${at}`
      const sending = one.send(id, said, 'one', { early: true })
      const starting = other.enqueue(two, '', { id })
      await Promise.all(at % 2 ? [sending, starting] : [starting, sending])
      expect(await store.inbox(id)).toHaveLength(1)
    }
  })
})
