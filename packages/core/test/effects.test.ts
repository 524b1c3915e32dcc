import { setImmediate } from 'node:timers/promises'
import { sqlite, type SqliteStore } from '@reprise/store'
import { changedStore, crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type CallContext,
  createRuntime,
  defineAgent,
  defineTool,
  type RunWrite,
  StoreError,
  ToolError,
} from '../src/index.ts'
import { workflow } from './flow.fixture.ts'
import { byTurn, call, clerk, clerkRuntime, newWorld, outline } from './world.fixture.ts'

describe('a tool that throws', () => {
  it('is run again by its policy with the same key, and the waits are in the journal', async () => {
    const world = newWorld()
    world.failures.set('pay', [new Error('busy'), new Error('busy')])
    await using runtime = clerkRuntime(byTurn([{ calls: [call('pay', 'a')] }, { text: 'done' }]), world)
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    await run.result()
    expect(world.effects).toEqual(['pay a all r/agent:0/turn:0/call:0'])
    expect(outline(await runtime.runs.entries('r')).slice(2, 6)).toEqual([
      'call.judged agent:0/turn:0/call:0',
      'call.failed agent:0/turn:0/call:0',
      'call.failed agent:0/turn:0/call:0 #2',
      'call.returned agent:0/turn:0/call:0 #3',
    ])
  })

  it('is told to the model when its attempts are used up, and at once when the tool says it is no use', async () => {
    const world = newWorld()
    world.failures.set('pay', [new Error('1'), new Error('2'), new Error('the bank is down')])
    world.failures.set('look', [new ToolError({ code: 'no_such_order', message: 'There is no order "b".' })])
    const told: string[] = []
    const model = scriptedModel(({ items }, nth) => {
      told.push(...items.flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
      return nth === 1 ? { calls: [call('pay', 'a'), call('look', 'b')] } : { text: 'done' }
    })
    await using runtime = clerkRuntime(model, world)
    await (await runtime.start(clerk, 'go')).result()
    expect(told).toEqual(['the bank is down', 'There is no order "b".'])
    expect(world.effects).toEqual([])
  })

  it('is a failed result, never retried, when it is a once tool', async () => {
    const world = newWorld()
    world.failures.set('mail', [new Error('no stamps')])
    await using runtime = clerkRuntime(byTurn([{ calls: [call('mail', 'a')] }, { text: 'done' }]), world)
    await (await runtime.start(clerk, 'go', { id: 'r' })).result()
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'call.intended agent:0/turn:0/call:0',
      'call.failed agent:0/turn:0/call:0',
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
  })
})

describe('a call that returns while another is being committed', () => {
  it('is not made again', async () => {
    const second = Promise.withResolvers<void>()
    const runs: string[] = []
    const tool = defineTool({
      name: 'tool',
      description: 'Counts.',
      input: z.object({ id: z.string() }),
      effect: 'idempotent',
      execute: async ({ id }) => {
        runs.push(id)
        if (id === 'b') await second.promise
        return id
      },
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [tool] })
    const memory = memoryStore()
    const store = new Proxy(memory, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target)
        if (key !== 'commit' || typeof value !== 'function')
          return typeof value === 'function' ? value.bind(target) : value
        return async (writes: readonly RunWrite[]) => {
          const result = await target.commit(writes)
          if (writes.some((write) => write.entries.some((entry) => entry.kind === 'call.returned'))) second.resolve()
          await setImmediate()
          return result
        }
      },
    })
    await using runtime = createRuntime({
      store,
      models: byTurn([{ calls: [call('tool', 'a'), call('tool', 'b')] }]),
      definitions: [agent],
    })
    await (await runtime.start(agent, 'go', { id: 'r' })).result()
    expect(runs).toEqual(['a', 'b'])
  })
})

describe('a tool that takes too long', () => {
  const slow = (effect: 'read' | 'once', hang: () => Promise<string>) =>
    defineAgent({
      name: 'agent',
      model: 'm',
      instructions: '',
      tools: [
        defineTool({ name: 'slow', description: 'Slow.', input: z.object({}), effect, timeoutMs: 1000, execute: hang }),
      ],
    })

  /** What does not heed its signal, until the test is over: a call that runs is known to, whoever asks. */
  const hanging: (() => void)[] = []
  const hang = (): Promise<string> => new Promise((resolve) => hanging.push(() => resolve('late')))
  afterEach(() => {
    for (const end of hanging.splice(0)) end()
  })

  it('is aborted and run again when it may be', async () => {
    let attempts = 0
    const agent = slow('read', () => (++attempts === 1 ? hang() : Promise.resolve('there')))
    const clock = manualClock()
    await using runtime = createRuntime({
      store: memoryStore(),
      models: byTurn([{ calls: [{ name: 'slow' }] }]),
      definitions: [agent],
      clock,
      random: () => 0,
    })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    while (attempts < 2) await clock.advance(500)
    expect(await run.result()).toBe('done')
    const failed = (await runtime.runs.entries('r')).find((entry) => entry.kind === 'call.failed')
    expect(failed?.body.error).toEqual({
      code: 'tool_timeout',
      message: 'Tool "slow" took longer than its 1000 ms.',
      details: { timeoutMs: 1000 },
    })
  })

  it('is in doubt when it must not happen twice, and a person settles it', async () => {
    let attempts = 0
    const agent = slow('once', () => (++attempts, hang()))
    const clock = manualClock()
    await using runtime = createRuntime({
      store: memoryStore(),
      models: byTurn([{ calls: [{ name: 'slow' }] }]),
      definitions: [agent],
      clock,
    })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    while (attempts < 1) await clock.advance(1)
    await clock.advance(1000)
    // It does not heed its signal: after the grace it is left behind.
    await clock.advance(5000)
    const key = 'agent:0/turn:0/call:0'
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'in-doubt', key, tool: 'slow' } })
    expect((await runtime.runs.get('r')).status).toBe('waiting')
    await expect(runtime.settleDoubt('r', 'agent:0/turn:7', { happened: false })).rejects.toThrow(
      'The run "r" has no call in doubt at "agent:0/turn:7". In doubt: agent:0/turn:0/call:0 (slow).',
    )
    const resolved = await runtime.settleDoubt('r', key, { happened: true, result: 'sent by hand' }, 'ana')
    expect(await resolved.result()).toBe('done')
    expect(attempts).toBe(1)
    expect(outline(await runtime.runs.entries('r')).slice(2)).toEqual([
      `call.intended ${key}`,
      `call.doubted ${key}`,
      'run.waiting run',
      `call.resolved ${key}`,
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is not made again by what a person said of an earlier attempt, however late that comes', async () => {
    let attempts = 0
    const agent = slow('once', () => (++attempts, hang()))
    const clock = manualClock()
    const store = memoryStore()
    const parts = { models: byTurn([{ calls: [{ name: 'slow' }] }]), definitions: [agent], clock } as const
    const gate = Promise.withResolvers<void>()
    const late = changedStore(store, {
      send: async (message) => {
        await gate.promise
        return store.send(message)
      },
    })
    await using runtime = createRuntime({ ...parts, store })
    await using bobs = createRuntime({ ...parts, store: late })
    const key = 'agent:0/turn:0/call:0'
    const untilInDoubt = async (attempt: number): Promise<void> => {
      while ((await store.entries('r')).findLast(({ kind }) => kind === 'call.doubted')?.attempt !== attempt)
        await clock.advance(500)
    }
    await runtime.start(agent, 'go', { id: 'r' })
    await untilInDoubt(1)
    const word = bobs.settleDoubt('r', key, { happened: false }, 'bob')
    await runtime.settleDoubt('r', key, { happened: false }, 'ana')
    await untilInDoubt(2)
    gate.resolve()
    expect(await (await word).outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'in-doubt', key } })
    expect(attempts).toBe(2)
  })
})

describe('a call in doubt', () => {
  const key = 'agent:0/turn:0/call:0'

  /** Leaves a once call in doubt: its process dies after the intent. */
  async function inDoubt(calls: number, answers: (() => unknown)[]) {
    const store = memoryStore()
    const asked: string[] = []
    const charge = defineTool({
      name: 'charge',
      description: 'Charges a card.',
      input: z.object({ id: z.string() }),
      effect: 'once',
      execute: ({ id }) => `charged ${id}`,
      reconcile: async ({ id }) => {
        asked.push(id)
        return (await answers.shift()?.()) as never
      },
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [charge] })
    const model = byTurn([{ calls: ['a', 'b'].slice(0, calls).map((id) => call('charge', id)) }])
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }
    const dying = createRuntime({
      store: crashing(store, { at: 2, side: 'after' }),
      models: model,
      definitions: [agent],
      log: quiet,
    })
    await (await dying.start(agent, 'go', { id: 'r' })).outcome()
    return { runtime: createRuntime({ store, models: model, definitions: [agent] }), asked }
  }

  it('is settled by its tool, where the tool can ask the world', async () => {
    const { runtime, asked } = await inDoubt(2, [
      () => ({ happened: true, result: 'found' }),
      () => ({ happened: false }),
    ])
    expect(await (await runtime.resume('r')).result()).toBe('done')
    expect(asked).toEqual(['a', 'b'])
    expect(outline(await runtime.runs.entries('r')).slice(4)).toEqual([
      `call.doubted ${key}`,
      'call.doubted agent:0/turn:0/call:1',
      `call.resolved ${key}`,
      'call.resolved agent:0/turn:0/call:1',
      'call.intended agent:0/turn:0/call:1 #2',
      'call.returned agent:0/turn:0/call:1 #2',
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
  })

  it('is asked about once by each process when its tool does not know, then waits for a person', async () => {
    const fail = () => Promise.reject(new Error('no answer'))
    const { runtime, asked } = await inDoubt(2, [fail, fail, fail, fail])
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({
      kind: 'waiting',
      waiting: { kind: 'in-doubt' },
    })
    expect(asked).toEqual(['a', 'b'])
    expect(await (await runtime.resume('r')).outcome()).toMatchObject({ kind: 'waiting' })
    expect(asked).toEqual(['a', 'b', 'a', 'b'])
    await (await runtime.settleDoubt('r', key, { happened: true, result: 1 })).outcome()
    const run = await runtime.settleDoubt('r', 'agent:0/turn:0/call:1', { happened: true, result: 2 })
    expect(await run.result()).toBe('done')
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is asked about though one of the same name runs on in a run of another store, which has begun at another time', async () => {
    const elsewhere = await inDoubt(1, [() => ({ happened: true, result: 'found' })])
    const begun = Promise.withResolvers<void>()
    const charge = defineTool({
      name: 'charge',
      description: 'Charges.',
      input: z.object({ id: z.string() }),
      effect: 'once',
      execute: () => (begun.resolve(), new Promise(() => undefined)),
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [charge] })
    const parts = { models: byTurn([{ calls: [call('charge', 'a')] }]), definitions: [agent], closeGraceMs: 0 } as const
    await using other = createRuntime({ ...parts, store: memoryStore(), clock: manualClock({ now: 7 }) })
    await other.start(agent, 'go', { id: 'r' })
    await begun.promise
    expect(await (await elsewhere.runtime.resume('r')).result()).toBe('done')
    expect(elsewhere.asked).toEqual(['a'])
  })

  it('keeps what a person said while its tool was being asked', async () => {
    const gate = Promise.withResolvers<unknown>()
    const { runtime, asked } = await inDoubt(1, [() => gate.promise])
    const run = await runtime.resume('r')
    while (asked.length === 0) await setImmediate()
    await runtime.settleDoubt('r', key, { happened: true, result: 'by hand' }, 'ana')
    await setImmediate()
    gate.resolve({ happened: false })
    expect(await run.result()).toBe('done')
    const resolved = (await runtime.runs.entries('r')).filter((entry) => entry.kind === 'call.resolved')
    expect(resolved.map(({ body }) => body)).toEqual([{ name: 'charge', happened: true, result: 'by hand', by: 'ana' }])
    expect(await (await runtime.settleDoubt('r', key, { happened: true, result: 'by hand' }, 'ana')).result()).toBe(
      'done',
    )
    await expect(runtime.settleDoubt('r', key, { happened: false }, 'bob')).rejects.toThrow(
      'ana has said that it happened.',
    )
    expect((await runtime.replay('r')).status).toBe('matched')
  })
})

describe('what a tool is given', () => {
  it('is its own for every attempt, and what it does to it changes neither the run nor its replay', async () => {
    const seen: string[] = []
    const sort = defineTool({
      name: 'sort',
      description: 'Sorts.',
      input: z.object({ tags: z.array(z.string()), big: z.string().transform(BigInt) }),
      effect: 'idempotent',
      execute: ({ tags, big }) => {
        seen.push(`${tags.join(' ')} ${typeof big}`)
        tags.sort()
        if (seen.length === 1) throw new Error('again')
        return tags
      },
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [sort] })
    const model = byTurn([{ calls: [{ name: 'sort', arguments: { tags: ['b', 'a'], big: '7' } }] }])
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent], random: () => 0 })
    await (await runtime.start(agent, 'go', { id: 'r' })).result()
    expect(seen).toEqual(['b a bigint', 'b a bigint'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is told to the model as wrong when its schema throws over it', async () => {
    const open = defineTool({
      name: 'open',
      description: 'Opens.',
      input: z.object({ url: z.string().transform((text) => new URL(text).href) }),
      effect: 'read',
      execute: ({ url }) => url,
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [open] })
    const model = byTurn([{ calls: [{ name: 'open', arguments: { url: 'nowhere' } }] }])
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent] })
    expect(await (await runtime.start(agent, 'go', { id: 'r' })).result()).toBe('done')
    const failed = (await runtime.runs.entries('r')).find((entry) => entry.kind === 'call.failed')
    expect(failed?.body.error).toMatchObject({
      code: 'bad_arguments',
      message: expect.stringContaining('the check of this value failed'),
    })
  })

  it('has a signal that stays good when its run has ended well, as a step of a workflow has', async () => {
    const signals: AbortSignal[] = []
    const look = defineTool({
      name: 'look',
      description: 'Looks.',
      input: z.object({}),
      effect: 'read',
      execute: (_input, { signal }) => signals.push(signal),
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [look] })
    const flow = workflow((ctx) => ctx.step('look', ({ signal }) => signals.push(signal)))
    const model = byTurn([{ calls: [{ name: 'look' }] }])
    await using runtime = createRuntime({ store: memoryStore(), models: model, definitions: [agent, flow] })
    await (await runtime.start(agent, 'go')).result()
    await (await runtime.start(flow, '')).result()
    await runtime.close()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false])
  })

  it('carries a context that nobody can change', async () => {
    const spoil = defineTool({
      name: 'spoil',
      description: 'Spoils.',
      input: z.object({}),
      effect: 'read',
      execute: (_input, { context }: CallContext<{ tags: string[] }>) => context.tags.push('x'),
    })
    const context = z.object({ tags: z.array(z.string()) })
    const agent = defineAgent({
      name: 'agent',
      model: 'm',
      instructions: '',
      context,
      tools: [spoil],
      retry: { attempts: 1 },
    })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: byTurn([{ calls: [{ name: 'spoil' }] }]),
      definitions: [agent],
      random: () => 0,
    })
    await (await runtime.start(agent, 'go', { id: 'r', context: { tags: [] } })).result()
    const failed = (await runtime.runs.entries('r')).findLast((entry) => entry.kind === 'call.failed')
    expect(failed?.body.error.message).toBe('TypeError: Cannot add property 0, object is not extensible')
  })
})

describe('a transactional tool', () => {
  function ledger(store: SqliteStore) {
    const book = defineTool({
      name: 'book',
      description: 'Books an amount.',
      input: z.object({ amount: z.number() }),
      effect: 'transactional',
      prepare: async ({ amount }) => amount * 2,
      execute: ({ amount }, ctx) => {
        const db = store.tx(ctx)
        db.exec('CREATE TABLE IF NOT EXISTS book (amount)')
        db.prepare('INSERT INTO book VALUES (?)').run(ctx.prepared)
        if (amount > 100) throw new ToolError({ code: 'too_much', message: 'That is too much.' })
        return db.prepare('SELECT sum(amount) AS total FROM book').get() as { total: number }
      },
    })
    return defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [book] })
  }

  it('is one transaction with its entry, and a throw leaves nothing of it', async () => {
    const store = sqlite(':memory:')
    const agent = ledger(store)
    const told: string[] = []
    const model = scriptedModel(({ items }, nth) => {
      told.push(...items.slice(-3).flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
      return nth === 1
        ? { calls: [5, 500, 7].map((amount) => ({ name: 'book', arguments: { amount } })) }
        : { text: 'done' }
    })
    await using runtime = createRuntime({ store, models: model, definitions: [agent] })
    await (await runtime.start(agent, 'go', { id: 'r' })).result()
    expect(told).toEqual(['{"total":10}', 'That is too much.', '{"total":24}'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  /** An agent with one tool in the store's transaction, and what its model is told of it. */
  function once(store: SqliteStore, execute: (db: ReturnType<SqliteStore['tx']>) => unknown) {
    const post = defineTool({
      name: 'post',
      description: 'Posts.',
      input: z.object({}),
      effect: 'transactional',
      execute: (_, ctx) => execute(store.tx(ctx)),
    })
    const told: string[] = []
    const model = scriptedModel(({ items }, nth) => {
      told.push(...items.flatMap((item) => (item.kind === 'result' ? [item.output] : [])))
      return nth === 1 ? { calls: [{ name: 'post' }] } : { text: 'done' }
    })
    return { agent: defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [post] }), model, told }
  }

  it('is made again by the runtime where the disk was full, and the model is told of nothing', async () => {
    const store = sqlite(':memory:')
    let tries = 0
    const { agent, model, told } = once(store, (db) => {
      db.exec('create table if not exists posts (text)')
      const pages = Number(db.pragma('page_count', { simple: true }))
      db.pragma(`max_page_count = ${++tries < 3 ? pages + 2 : 1_000_000}`)
      try {
        db.prepare('insert into posts values (?)').run('x'.repeat(200_000))
      } catch {
        return 'never mind'
      } finally {
        db.pragma('max_page_count = 1000000')
      }
      return db.prepare('select count(*) from posts').pluck().get()
    })
    const clock = manualClock()
    await using runtime = createRuntime({ store, models: model, definitions: [agent], clock })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    const ended = run.result()
    for (let looks = 0; looks < 1_000 && tries < 3; looks++) await clock.advance(10)
    await ended
    expect([tries, told]).toEqual([3, ['1']])
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'call.returned agent:0/turn:0/call:0',
      'model.replied agent:0/turn:1',
      'run.completed run',
    ])
  })

  it('is not made again where it was made and the store failed to say so', async () => {
    const file = sqlite(':memory:')
    let effects = 0
    const { agent, model, told } = once(file, (db) => {
      db.exec('create table if not exists posts (text)')
      db.exec("insert into posts values ('a')")
      return `${++effects} of ${String(db.prepare('select count(*) from posts').pluck().get())}`
    })
    let isFirst = true
    const store = changedStore(file, {
      transact: async (...given) => {
        const result = await file.transact(...given)
        if (!isFirst) return result
        isFirst = false
        throw new StoreError({ code: 'store_unheard', message: 'Nobody heard it.', retryable: true })
      },
    })
    const clock = manualClock()
    await using runtime = createRuntime({ store, models: model, definitions: [agent], clock })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    let isOver = false
    const ended = run.result().finally(() => (isOver = true))
    for (let looks = 0; looks < 1_000 && !isOver; looks++) await clock.advance(10)
    await ended
    expect([effects, told]).toEqual([1, ['1 of 1']])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it.each<[string, () => unknown]>([
    ['a promise', () => Promise.reject(new Error('nobody waits for it'))],
    // oxlint-disable-next-line unicorn/no-thenable -- a query builder that begins to work when it is awaited.
    ['what is awaited otherwise', () => ({ then: () => expect.fail() })],
  ])('that gives %s is rolled back, and told so', async (_, give) => {
    const store = sqlite(':memory:')
    const { agent, model, told } = once(store, (db) => {
      db.exec('create table posts (text)')
      return give()
    })
    await using runtime = createRuntime({ store, models: model, definitions: [agent] })
    await (await runtime.start(agent, 'go')).result()
    expect(told).toEqual([
      'Tool "post" is transactional, and its execute returned a promise, which the transactions of this store cannot wait for: what it had done by then was rolled back. Await in prepare, and let execute be synchronous.',
    ])
  })

  it('that says itself that it may be tried again runs once: its word is none of a store that is busy', async () => {
    const store = sqlite(':memory:')
    let effects = 0
    const { agent, model, told } = once(store, () => {
      effects++
      throw new ToolError({ code: 'closed', message: 'The till is closed.', retryable: true })
    })
    const clock = manualClock()
    await using runtime = createRuntime({ store, models: model, definitions: [agent], clock })
    await (await runtime.start(agent, 'go')).result()
    expect([effects, told, clock.now()]).toEqual([1, ['The till is closed.'], manualClock().now()])
  })

  it('that gives what is no JSON is kept, with its effect', async () => {
    const store = sqlite(':memory:')
    const { agent, model, told } = once(store, (db) => {
      db.exec('create table posts (text)')
      return { id: 5n }
    })
    await using runtime = createRuntime({ store, models: model, definitions: [agent] })
    const run = await runtime.start(agent, 'go', { id: 'r' })
    await run.result()
    expect(told).toEqual(['{"id":"5"}'])
    expect((await runtime.runs.entries('r')).find(({ kind }) => kind === 'call.returned')?.body).toMatchObject({
      lost: ['.id'],
    })
  })

  it('is refused when the runtime is made, where the store has no transactions', () => {
    expect(() =>
      createRuntime({
        store: changedStore(memoryStore(), { transact: undefined }),
        models: scriptedModel([]),
        definitions: [ledger(sqlite(':memory:'))],
      }),
    ).toThrow(
      `Tool "book" is transactional, and this store has no transactions. Use sqlite(...), or the effect 'idempotent' or 'once'.`,
    )
  })
})
