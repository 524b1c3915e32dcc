// What programs leave in a store within transactions of theirs: it is there if and only if their rows are.
import {
  changedStore,
  Crash,
  crashing,
  manualClock,
  memoryStore,
  type MemoryTables,
  scriptedModel,
} from '@reprise/testing'
import { type SqliteDatabase, sqlite } from '@reprise/store'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineSignal, defineTool, defineWorkflow, type Store } from '../src/index.ts'
import { runtimeOf, workflow } from './flow.fixture.ts'
import { byTurn, outline } from './world.fixture.ts'

/** A shop whose orders stand in the store's own database. */
interface Shop {
  readonly store: Store
  /** Runs work in one transaction; it may note orders. */
  readonly sell: <T>(work: (tx: object) => T) => Promise<T>
  /** Notes an order, within a transaction. */
  readonly note: (tx: object, order: string) => void
  readonly orders: () => Promise<readonly string[]>
  /** The transaction of a transactional tool. */
  readonly tx: (ctx: object) => object
}

function memoryShop(): Shop {
  const store = memoryStore()
  const listed = (tx: MemoryTables): readonly string[] => (tx.get('orders') ?? []) as readonly string[]
  return {
    store,
    sell: (work) => store.transaction(work),
    note: (tx, order) => void (tx as MemoryTables).set('orders', [...listed(tx as MemoryTables), order]),
    orders: () => store.transaction(listed),
    tx: (ctx) => store.tx(ctx),
  }
}

function sqliteShop(encryption?: { readonly key: Buffer }): Shop {
  const store = sqlite(':memory:', encryption ? { encryption } : {})
  onTestFinished(() => store.close())
  const made = (tx: object): SqliteDatabase =>
    (tx as SqliteDatabase).exec('create table if not exists orders (id text primary key)')
  return {
    store,
    sell: (work) => store.transaction(work),
    note: (tx, order) => void made(tx).prepare('insert into orders values (?)').run(order),
    orders: () => store.transaction((tx) => made(tx).prepare<[], string>('select id from orders').pluck().all()),
    tx: (ctx) => store.tx(ctx),
  }
}

const SHOPS: readonly [name: string, open: () => Shop][] = [
  ['the memory store', memoryShop],
  ['SQLite', sqliteShop],
  ['encrypted SQLite', () => sqliteShop({ key: Buffer.alloc(32, 7) })],
]

const flow = workflow(async (ctx, input) => ctx.step('pack', () => `${input} packed`))
const said = defineSignal({ name: 'said', payload: z.string() })
const hearing = defineWorkflow({ name: 'hearing', input: z.string(), run: (ctx) => ctx.receive(said) })

async function worked(runtime: Pick<ReturnType<typeof runtimeOf>, 'work'>, clock = manualClock()): Promise<void> {
  const worker = runtime.work()
  for (let turn = 0; turn < 20; turn++) await clock.advance(250)
  await worker.stop()
}

describe.each(SHOPS)('within a transaction on %s', (_, open) => {
  it('a run is enqueued with the rows that it is about, and a worker works it', async () => {
    const { store, sell, note, orders } = open()
    const clock = manualClock()
    await using runtime = runtimeOf([flow], store, clock)
    let given: unknown
    await sell((tx) => {
      note(tx, 'o1')
      given = runtime.enqueue(flow, 'o1', { id: 'pack-o1', tags: ['web'], priority: 2, tx })
    })
    expect(await given).toEqual({ id: 'pack-o1' })
    expect(await runtime.runs.get('pack-o1')).toMatchObject({ status: 'queued', tags: ['web'], priority: 2, epoch: 1 })
    await worked(runtime, clock)
    expect(await (await runtime.resume('pack-o1')).result()).toBe('o1 packed')
    expect(await orders()).toEqual(['o1'])
    expect((await runtime.replay('pack-o1')).status).toBe('matched')
  })

  it('neither rows nor runs nor messages are there when the work throws, and the ids are free', async () => {
    const { store, sell, note, orders } = open()
    const clock = manualClock()
    await using runtime = runtimeOf([flow, hearing], store, clock)
    await runtime.enqueue(hearing, '', { id: 'h' })
    const failing = sell((tx) => {
      note(tx, 'o1')
      void runtime.enqueue(flow, 'o1', { id: 'pack-o1', tx })
      void runtime.send('h', said, 'hello', { tx })
      void runtime.cancel('h', 'never mind', { tx })
      throw new Error('sold out')
    })
    await expect(failing).rejects.toThrow('sold out')
    expect(await orders()).toEqual([])
    expect((await runtime.runs.list()).map(({ id }) => id)).toEqual(['h'])
    expect(await store.inbox('h')).toEqual([])
    await runtime.enqueue(flow, 'another', { id: 'pack-o1' })
    await worked(runtime, clock)
    expect(await (await runtime.resume('pack-o1')).result()).toBe('another packed')
  })

  it('two runs and a signal to one of them are one', async () => {
    const { store, sell, note, orders } = open()
    const clock = manualClock()
    await using runtime = runtimeOf([flow, hearing], store, clock)
    await sell((tx) => {
      note(tx, 'o1')
      void runtime.enqueue(flow, 'o1', { id: 'pack', tx })
      void runtime.enqueue(hearing, '', { id: 'h', tx })
      void runtime.send('h', said, 'hello', { id: 'm1', tx })
      // Two of one id are one here as well.
      void runtime.send('h', said, 'hello', { id: 'm1', tx })
    })
    expect(await store.inbox('h')).toHaveLength(1)
    await worked(runtime, clock)
    expect(await (await runtime.resume('h')).result()).toBe('hello')
    expect(await (await runtime.resume('pack')).result()).toBe('o1 packed')
    expect(await orders()).toEqual(['o1'])
  })

  it('an id seen before, with the same input, is that run; with another the transaction fails', async () => {
    const { store, sell, note, orders } = open()
    await using runtime = runtimeOf([flow], store)
    await runtime.enqueue(flow, 'o1', { id: 'pack' })
    await sell((tx) => {
      note(tx, 'o1')
      void runtime.enqueue(flow, 'o1', { id: 'pack', tx })
      void runtime.enqueue(flow, 'o2', { id: 'other', tx })
      void runtime.enqueue(flow, 'o2', { id: 'other', tx })
    })
    expect((await runtime.runs.list()).map(({ id }) => id)).toEqual(['pack', 'other'])
    let given: Promise<unknown> | undefined
    const failing = sell((tx) => {
      note(tx, 'o3')
      void runtime.enqueue(flow, 'o3', { id: 'third', tx })
      given = runtime.enqueue(flow, 'o3', { id: 'pack', tx })
      void runtime.enqueue(flow, 'o4', { id: 'other', tx })
    })
    const message = 'The run "pack" exists with another input: "o1", and now "o3". Use another id, or the same input.'
    await expect(failing).rejects.toThrow(message)
    await expect(given).rejects.toThrow(message)
    expect(await orders()).toEqual(['o1'])
    expect((await runtime.runs.list()).map(({ id }) => id)).toEqual(['pack', 'other'])
  })

  it.each<[string, (runtime: ReturnType<typeof runtimeOf>, tx: object) => unknown, string]>([
    ['an input', (runtime, tx) => runtime.enqueue(flow, 1 as never, { tx }), 'bad_input'],
    ['an id', (runtime, tx) => runtime.enqueue(flow, '', { id: 'a b', tx }), 'bad_run_id'],
    ['a definition', (runtime, tx) => runtime.enqueue(hearing as never, '' as never, { tx }), 'unregistered'],
    ['a run', (runtime, tx) => runtime.send('nobody', said, 'x', { tx }), 'unknown_run'],
    ['a run to end', (runtime, tx) => runtime.cancel('nobody', 'x', { tx }), 'unknown_run'],
    ['an ask', (runtime, tx) => runtime.approve('r', 'none', { by: 'ana', tx }), 'not_an_agents_run'],
    ['a person', (runtime, tx) => runtime.reject('r', 'none', { by: undefined as never, tx }), 'bad_text'],
    [
      'a doubt',
      (runtime, tx) => runtime.settleDoubt('r', 'none', { happened: false }, 'ana', { tx }),
      'not_an_agents_run',
    ],
    ['a transaction', (runtime) => runtime.enqueue(flow, '', { tx: {} }).catch(() => 0), 'bad_tx'],
  ])('%s that is none fails all of it, though nobody can wait to hear of that', async (__, ask, code) => {
    const { store, sell, note, orders } = open()
    await using runtime = runtimeOf([flow], store)
    await runtime.enqueue(flow, '', { id: 'r' })
    const failing = sell((tx) => {
      note(tx, 'o1')
      void ask(runtime, tx)
    })
    await expect(failing).rejects.toMatchObject({ code })
    expect(await orders()).toEqual([])
  })

  it('an answer is said with the commit, and whoever resumes the run then goes on by it', async () => {
    const { store, sell, note, orders } = open()
    const pay = defineTool({
      name: 'pay',
      description: 'Pays.',
      input: z.object({}),
      effect: 'read',
      approval: true,
      execute: () => 'paid',
    })
    const till = defineAgent({ name: 'till', model: 'm', instructions: '', tools: [pay] })
    const models = byTurn([{ calls: [{ name: 'pay', arguments: {} }] }, { text: 'done' }])
    await using runtime = createRuntime({ store, models, definitions: [till] })
    const run = await runtime.start(till, 'go', { id: 'r' })
    const outcome = await run.outcome()
    const id = outcome.kind === 'waiting' && outcome.waiting.kind === 'approval' ? outcome.waiting.id : ''
    const failing = sell((tx) => {
      note(tx, 'o1')
      void runtime.reject('r', id, { by: 'bob', tx })
      throw new Error('sold out')
    })
    await expect(failing).rejects.toThrow('sold out')
    let handle: Promise<unknown> | undefined
    await sell((tx) => {
      note(tx, 'o2')
      handle = runtime.approve('r', id, { by: 'ana', tx })
    })
    expect(await handle).toMatchObject({ id: 'r' })
    expect(await orders()).toEqual(['o2'])
    expect((await runtime.audit()).map(({ action, by }) => [action, by.id])).toEqual([['approved', 'ana']])
    expect(await (await runtime.resume('r')).result()).toBe('done')
    expect(outline(await runtime.runs.entries('r'))).toContain(`approval.given ${id}`)
    await expect(runtime.reject('r', id, { by: 'bob' })).rejects.toThrow('ana has allowed it.')
  })

  it('a run that is driven here hears of its mail once that is committed', async () => {
    const { store, sell } = open()
    const both = defineWorkflow({
      name: 'both',
      input: z.string(),
      run: (ctx) => ctx.all([(b) => b.receive(said), (b) => b.step('busy', () => busy.promise)]),
    })
    const busy = Promise.withResolvers<string>()
    await using runtime = runtimeOf([both], store)
    const run = await runtime.start(both, '', { id: 'r' })
    const heard = new Promise((resolve) => run.on('message.received', resolve))
    await sell((tx) => void runtime.send('r', said, 'hello', { tx }))
    await heard
    busy.resolve('done')
    expect(await run.result()).toEqual(['hello', 'done'])
  })

  it('a cancelled run that nobody drives is ended by a worker', async () => {
    const { store, sell } = open()
    const clock = manualClock()
    await using runtime = runtimeOf([hearing], store, clock)
    await (await runtime.start(hearing, '', { id: 'h' })).outcome()
    await sell((tx) => void runtime.cancel('h', 'sold out', { tx }))
    await worked(runtime, clock)
    expect(await (await runtime.resume('h')).outcome()).toMatchObject({ kind: 'cancelled', reason: 'sold out' })
  })

  it('a transactional tool begins a run with its effect and its entry, or none of them', async () => {
    const { store, sell, note, orders, tx: txOf } = open()
    const fail = { next: true }
    const order = defineTool({
      name: 'order',
      description: 'Orders.',
      input: z.object({ id: z.string() }),
      effect: 'transactional',
      execute: ({ id }, ctx) => {
        const tx = txOf(ctx)
        note(tx, id)
        void runtime.enqueue(flow, id, { id: `pack-${id}`, tx })
        if (fail.next) throw new Error('sold out')
        return 'ordered'
      },
    })
    const shop = defineAgent({ name: 'shop', model: 'm', instructions: '', tools: [order] })
    const models = scriptedModel((_request, nth) =>
      nth === 3 ? { text: 'done' } : { calls: [{ name: 'order', arguments: { id: `o${nth}` } }] },
    )
    await using runtime = createRuntime({ store, models, definitions: [shop, flow] })
    const run = await runtime.start(shop, 'go', { id: 'r' })
    run.on('call.failed', () => {
      fail.next = false
    })
    expect(await run.result()).toBe('done')
    expect(await orders()).toEqual(['o2'])
    expect((await runtime.runs.list({ name: 'flow' })).map(({ id }) => id)).toEqual(['pack-o2'])
    await sell((tx) => note(tx, 'o1'))
  })

  it('a transactional tool that is refused a run has failed, and the model is told so', async () => {
    const { store, note, orders, tx: txOf } = open()
    const order = defineTool({
      name: 'order',
      description: 'Orders.',
      input: z.object({}),
      effect: 'transactional',
      execute: (_input, ctx) => {
        note(txOf(ctx), 'o1')
        void runtime.enqueue(flow, 'other', { id: 'pack', tx: txOf(ctx) })
        return 'ordered'
      },
    })
    const shop = defineAgent({ name: 'shop', model: 'm', instructions: '', tools: [order] })
    const models = byTurn([{ calls: [{ name: 'order', arguments: {} }] }, { text: 'sorry' }])
    await using runtime = createRuntime({ store, models, definitions: [shop, flow] })
    await runtime.enqueue(flow, 'first', { id: 'pack' })
    expect(await (await runtime.start(shop, 'go', { id: 'r' })).result()).toBe('sorry')
    expect(await orders()).toEqual([])
    const failed = (await runtime.runs.entries('r')).find(({ kind }) => kind === 'call.failed')
    expect(failed).toMatchObject({ body: { error: { code: 'tx_refused' } } })
  })

  it('a process that dies anywhere leaves the tool, its rows and the run it began together', async () => {
    const ordered = async (point: { readonly at: number; readonly side: 'before' | 'after' }) => {
      const { store, note, orders, tx: txOf } = open()
      const clock = manualClock()
      const live = async (lived: Store): Promise<void> => {
        const order = defineTool({
          name: 'order',
          description: 'Orders.',
          input: z.object({}),
          effect: 'transactional',
          execute: (_input, ctx) => {
            note(txOf(ctx), 'o1')
            void runtime.enqueue(flow, 'o1', { id: 'pack', tx: txOf(ctx) })
            return 'ordered'
          },
        })
        const shop = defineAgent({ name: 'shop', model: 'm', instructions: '', tools: [order] })
        const models = byTurn([{ calls: [{ name: 'order', arguments: {} }] }, { text: 'done' }])
        const runtime = createRuntime({ store: lived, models, definitions: [shop, flow], clock })
        try {
          await (await runtime.start(shop, 'go', { id: 'r' })).outcome()
        } catch (error) {
          if (!(error instanceof Crash)) throw error
        }
        await runtime.close()
      }
      const dying = crashing(store, point)
      await live(dying)
      const between = [await orders(), (await store.run('pack'))?.status]
      await live(store)
      expect(await orders()).toEqual(['o1'])
      expect((await store.run('pack'))?.status).toBe('queued')
      expect((await store.run('r'))?.status).toBe('completed')
      return { commits: dying.commits, between }
    }
    const { commits } = await ordered({ at: Infinity, side: 'before' })
    for (let at = 1; at <= commits; at++)
      for (const side of ['before', 'after'] as const) {
        const { between } = await ordered({ at, side })
        expect([
          [[], undefined],
          [['o1'], 'queued'],
        ]).toContainEqual(between)
      }
  })

  it('a runtime of one tenant reaches no run of another', async () => {
    const { store, sell } = open()
    await using runtime = runtimeOf([flow, hearing], store)
    await runtime.enqueue(hearing, '', { id: 'theirs', tenant: 'other' })
    const own = runtime.forTenant('acme')
    await sell((tx) => void own.enqueue(hearing, '', { id: 'ours', tx }))
    expect(await own.runs.get('ours')).toMatchObject({ tenant: 'acme' })
    const failures = [
      sell((tx) => void own.send('theirs', said, 'hello', { tx })),
      sell((tx) => void own.cancel('theirs', 'never mind', { tx })),
      sell((tx) => void own.enqueue(hearing, '', { id: 'theirs', tx })),
    ]
    expect(await Promise.allSettled(failures)).toMatchObject(
      ['unknown_run', 'unknown_run', 'run_exists'].map((code) => ({ reason: { code } })),
    )
    expect(await store.inbox('theirs')).toEqual([])
  })

  it('what is secret in the input is kept with the run', async () => {
    const { store, sell } = open()
    if (!store.secrets) return
    const secret = defineWorkflow({
      name: 'secret',
      input: z.object({ key: z.string().meta({ secret: true }) }),
      run: (ctx, input) => ctx.step('use', (step) => ((step.services as string[]).push(input.key), 'used')),
    })
    const services: string[] = []
    const clock = manualClock()
    await using runtime = createRuntime({ store, models: scriptedModel([]), definitions: [secret], services, clock })
    const failing = sell((tx) => {
      void runtime.enqueue(secret, { key: 'hunter2-hunter2' }, { id: 's', tx })
      throw new Error('sold out')
    })
    await expect(failing).rejects.toThrow('sold out')
    await sell((tx) => void runtime.enqueue(secret, { key: 'hunter2-hunter2' }, { id: 's', tx }))
    await sell((tx) => void runtime.enqueue(secret, { key: 'hunter2-hunter2' }, { id: 's', tx }))
    expect(JSON.stringify(await runtime.runs.entries('s'))).not.toContain('hunter2')
    await worked(runtime, clock)
    expect(services).toHaveLength(1)
  })

  it('another that is asked for while it is open comes after it, and is no part of it', async () => {
    const { store, sell, note, orders } = open()
    await using runtime = runtimeOf([flow], store)
    const asked: Promise<unknown>[] = []
    const failing = sell((tx) => {
      note(tx, 'o1')
      void runtime.enqueue(flow, '', { id: 'inside', tx })
      asked.push(
        sell((other) => {
          note(other, 'o2')
          void runtime.enqueue(flow, '', { id: 'after', tx: other })
        }),
      )
      throw new Error('sold out')
    })
    await expect(failing).rejects.toThrow('sold out')
    await Promise.all(asked)
    expect(await orders()).toEqual(['o2'])
    expect((await runtime.runs.list()).map(({ id }) => id)).toEqual(['after'])
  })

  it('an async work is refused, and so is a transaction that is over', async () => {
    const { store, sell, note, orders } = open()
    await using runtime = runtimeOf([flow], store)
    let kept: object = {}
    const failing = sell(async (tx) => {
      kept = tx
      note(tx, 'o1')
      await runtime.enqueue(flow, '', { id: 'inside', tx })
    })
    await expect(failing).rejects.toMatchObject({ code: 'tx_async' })
    await expect(runtime.enqueue(flow, '', { tx: kept })).rejects.toMatchObject({ code: 'bad_tx' })
    expect(await orders()).toEqual([])
    expect(await runtime.runs.list()).toEqual([])
  })
})

it('a store that has no transactions of programs says so', async () => {
  await using runtime = runtimeOf([flow], changedStore(memoryStore(), { within: undefined }))
  await expect(runtime.enqueue(flow, '', { tx: {} })).rejects.toMatchObject({ code: 'no_tx' })
  await expect(runtime.send('r', said, '', { tx: 1 as never })).rejects.toMatchObject({ code: 'no_tx' })
})
