import { setImmediate } from 'node:timers/promises'
import { sqlite, type SqliteStore } from '@reprise/store'
import { manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTool, type RunWrite, ToolError } from '../index.ts'
import { byTurn, call, clerk, clerkRuntime, newWorld, outline, withoutTransactions } from './world.fixture.ts'

describe('a tool that throws', () => {
  it('is run again by its policy with the same key, and the waits are in the journal', async () => {
    const world = newWorld()
    world.failures.set('pay', [new Error('busy'), new Error('busy')])
    await using runtime = clerkRuntime(byTurn([{ calls: [call('pay', 'a')] }, { text: 'done' }]), world)
    const run = await runtime.start(clerk, 'go', { id: 'r' })
    await run.result()
    expect(world.effects).toEqual(['pay a all r/agent:0/turn:0/call:0'])
    expect(outline(await runtime.runs.entries('r')).slice(2, 5)).toEqual([
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

  it('has its result refused by path when a journal cannot keep it', async () => {
    const odd = defineTool({
      name: 'odd',
      description: 'Odd.',
      input: z.object({}),
      effect: 'read',
      execute: () => ({ rows: [{ when: new Map() }] }),
    })
    const agent = defineAgent({ name: 'agent', model: 'm', instructions: '', tools: [odd] })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: byTurn([{ calls: [{ name: 'odd' }] }]),
      definitions: [agent],
    })
    await (await runtime.start(agent, 'go', { id: 'r' })).result()
    const failed = (await runtime.runs.entries('r')).find((entry) => entry.kind === 'call.failed')
    expect(failed?.body.error.message).toBe(
      'Tool "odd" ran, but a journal cannot keep its result: .rows[0].when is a Map. Return plain JSON.',
    )
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

  it('is aborted and run again when it may be', async () => {
    let attempts = 0
    const agent = slow('read', () => (++attempts === 1 ? new Promise(() => undefined) : Promise.resolve('there')))
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
    const agent = slow('once', () => (++attempts, new Promise(() => undefined)))
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
    const key = 'agent:0/turn:0/call:0'
    expect(await run.outcome()).toMatchObject({ kind: 'waiting', waiting: { kind: 'in-doubt', key, tool: 'slow' } })
    expect((await runtime.runs.get('r')).status).toBe('waiting')
    await expect(runtime.resolve('r', 'agent:0/turn:7', { happened: false })).rejects.toThrow(
      'The run "r" has no call in doubt at "agent:0/turn:7". In doubt: agent:0/turn:0/call:0 (slow).',
    )
    const resolved = await runtime.resolve('r', key, { happened: true, result: 'sent by hand' }, 'ana')
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

  it('is refused when the runtime is made, where the store has no transactions', () => {
    expect(() =>
      createRuntime({
        store: withoutTransactions(memoryStore()),
        models: scriptedModel([]),
        definitions: [ledger(sqlite(':memory:'))],
      }),
    ).toThrow(
      `Tool "book" is transactional, and this store has no transactions. Use sqlite(...), or the effect 'idempotent' or 'once'.`,
    )
  })
})
