// Transactional tools on a store whose transactions may be asynchronous, as Postgres's are.
import { createRuntime, defineAgent, defineTool, ToolError } from '@reprise/core'
import type { CallContext, Store } from '@reprise/core'
import { crashing, manualClock, memoryStore, scriptedModel } from '@reprise/testing'
import type { MemoryStore } from '@reprise/testing'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

/** Lets other things happen, as waiting for a server does. */
const aside = () => new Promise((resolve) => setImmediate(resolve))

/** A desk whose one tool adds to a sum in the store's own tables, in what time `meanwhile` takes. */
function desk(tables: MemoryStore, meanwhile: (ctx: CallContext) => Promise<unknown> = aside, timeoutMs?: number) {
  const add = defineTool({
    name: 'add',
    description: 'Adds.',
    input: z.object({ amount: z.number() }),
    effect: 'transactional',
    ...(timeoutMs !== undefined && { timeoutMs }),
    execute: async ({ amount }, ctx) => {
      const sum = Number(tables.tx(ctx).get('sum') ?? 0) + amount
      tables.tx(ctx).set('sum', sum)
      await meanwhile(ctx)
      if (amount > 100) throw new ToolError({ code: 'too_much', message: 'That is too much.' })
      return sum
    },
  })
  const told: string[] = []
  const models = scriptedModel(({ items }) => {
    const results = items.flatMap((item) => (item.kind === 'result' ? [item.output] : []))
    if (results.length === 0) return { calls: [5, 500, 7].map((amount) => ({ name: 'add', arguments: { amount } })) }
    told.splice(0, told.length, ...results)
    return { text: 'done' }
  })
  const agent = defineAgent({ name: 'desk', model: 'm', instructions: '', tools: [add] })
  const runtimeOn = (store: Store, clock = manualClock()) =>
    createRuntime({ store, models, definitions: [agent], clock })
  return { agent, runtimeOn, told }
}

describe('a transactional tool that is asynchronous', () => {
  test('is one transaction with its entry, and a throw leaves nothing of it', async () => {
    const store = memoryStore({ transacts: 'async' })
    const { agent, runtimeOn, told } = desk(store)
    await using runtime = runtimeOn(store)
    await (await runtime.start(agent, 'go', { id: 'r' })).result()

    expect(told).toEqual(['5', 'That is too much.', '12'])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  test('has the same results wherever its process dies', async () => {
    const outcomes: unknown[] = []
    for (const side of ['before', 'after'] as const)
      for (let at = 1; at <= 6; at++) {
        const store = memoryStore({ transacts: 'async' })
        const { agent, runtimeOn, told } = desk(store)
        const first = runtimeOn(crashing(store, { at, side }))
        await first.start(agent, 'go', { id: 'r' }).then(
          (run) => run.outcome(),
          () => undefined,
        )
        await first.close()
        await using second = runtimeOn(store)
        const run = await second.start(agent, 'go', { id: 'r' })
        const { kind } = await run.outcome()
        outcomes.push([side, at, kind, ...told])
      }
    expect(outcomes).toEqual(
      outcomes.map((_, index) => [
        index < 6 ? 'before' : 'after',
        (index % 6) + 1,
        'completed',
        '5',
        'That is too much.',
        '12',
      ]),
    )
  })

  test('is rolled back where its runtime is closed before it is done, and made again by the next', async () => {
    const store = memoryStore({ transacts: 'async' })
    let begun: () => void = () => undefined
    const isBegun = new Promise<void>((resolve) => (begun = resolve))
    const signals: AbortSignal[] = []
    const slow = desk(store, ({ signal }) => {
      signals.push(signal)
      begun()
      return new Promise(() => undefined)
    })
    const clock = manualClock()
    const first = slow.runtimeOn(store, clock)
    await first.start(slow.agent, 'go', { id: 'r' })
    await isBegun
    let isClosed = false
    const closed = first.close().then(() => (isClosed = true))
    while (!isClosed) {
      await clock.advance(1_000)
      await aside()
    }
    await closed
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])

    const { runtimeOn, told } = desk(store)
    await using second = runtimeOn(store)
    await (await second.resume('r')).result()
    expect(told).toEqual(['5', 'That is too much.', '12'])
    const returned = (await second.runs.entries('r')).filter(({ kind }) => kind === 'call.returned')
    expect(returned).toHaveLength(2)
  })

  test('that takes longer than its time is rolled back, and the model is told', async () => {
    const store = memoryStore({ transacts: 'async' })
    const clock = manualClock()
    const { agent, runtimeOn, told } = desk(store, () => new Promise(() => undefined), 1_000)
    await using runtime = runtimeOn(store, clock)
    const run = await runtime.start(agent, 'go', { id: 'r' })
    let isOver = false
    const ended = run.result().finally(() => (isOver = true))
    while (!isOver) {
      await clock.advance(500)
      await aside()
    }
    await ended
    expect(told).toEqual(Array.from({ length: 3 }, () => 'Tool "add" took longer than its 1000 ms.'))
  })
})
