import { memoryStore, scriptedModel } from '@reprise/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createRuntime, defineAgent, defineTeam } from '../src/index.ts'
import { call, look, newWorld, outline } from './world.fixture.ts'

const triage = defineAgent({
  name: 'triage',
  model: 'small',
  instructions: 'Route.',
  context: z.object({ customerId: z.string() }),
  output: z.object({ answer: z.string() }),
})
const orders = defineAgent({
  name: 'orders',
  model: 'large',
  instructions: ({ context }) => `Orders of ${context.customerId}.`,
  context: z.object({ customerId: z.string() }),
  tools: [look],
})
const desk = defineTeam({
  name: 'desk',
  entry: triage,
  handoffs: [
    [triage, [orders]],
    [orders, [triage]],
  ],
})

describe('a handoff', () => {
  it('goes on in the same run and conversation with another agent, and the entry output schema governs whoever answers', async () => {
    const asked: string[] = []
    const model = scriptedModel(({ card, instructions, items }, nth) => {
      asked.push(
        `${card.agent} (${card.model}) ${instructions} [${card.tools.map((tool) => tool.name).join(' ')}] ${items.length}`,
      )
      expect(card.output?.name).toBe('desk')
      if (nth === 1) return { calls: [call('transfer_to_orders', 'ignored')] }
      return nth === 2 ? { calls: [call('look', 'a')] } : { text: '{"answer":"12"}' }
    })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: model,
      definitions: [desk],
      services: newWorld(),
    })
    const run = await runtime.start(desk, 'How much?', { id: 'r', context: { customerId: 'c1' } })
    expect(await run.result()).toEqual({ answer: '12' })
    expect(asked).toEqual([
      'triage (small) Route. [transfer_to_orders] 1',
      'orders (large) Orders of c1. [look transfer_to_triage] 3',
      'orders (large) Orders of c1. [look transfer_to_triage] 5',
    ])
    expect(outline(await runtime.runs.entries('r'))).toEqual([
      'run.started run',
      'model.replied agent:0/turn:0',
      'handoff.made agent:0/turn:0/call:0',
      'model.replied agent:1/turn:0',
      'call.returned agent:1/turn:0/call:0',
      'model.replied agent:1/turn:1',
      'run.completed run',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('comes after the other calls of its reply, and a second one is not made', async () => {
    const told: string[] = []
    const model = scriptedModel(({ items, card }, nth) => {
      if (nth === 1) return { calls: [call('transfer_to_orders', 'x')] }
      told.push(...items.slice(-3).flatMap((item) => (item.kind === 'result' ? [`${card.agent}: ${item.output}`] : [])))
      return nth === 2
        ? { calls: [call('transfer_to_triage', 'x'), call('look', 'a'), call('transfer_to_triage', 'x')] }
        : { text: '{"answer":"ok"}' }
    })
    await using runtime = createRuntime({
      store: memoryStore(),
      models: model,
      definitions: [desk],
      services: newWorld(),
    })
    await (await runtime.start(desk, 'x', { id: 'r', context: { customerId: 'c1' } })).result()
    expect(told).toEqual([
      'orders: The conversation is now with orders.',
      'triage: The conversation is now with triage.',
      'triage: {"id":"a","price":12}',
      'triage: Not made: one reply hands over once, and the first handoff counts.',
    ])
    expect((await runtime.replay('r')).status).toBe('matched')
  })

  it('is resumed where it stands when the process died around it', async () => {
    const store = memoryStore()
    const model = scriptedModel(({ card }) =>
      card.agent === 'triage' ? { calls: [call('transfer_to_orders', 'x')] } : { text: '{"answer":"ok"}' },
    )
    const { Crash, crashing } = await import('@reprise/testing')
    for (const at of [1, 2, 3]) {
      const id = `r${at}`
      const parts = {
        models: model,
        definitions: [desk],
        services: newWorld(),
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      } as const
      const start = { id, context: { customerId: 'c1' } }
      const dying = createRuntime({ ...parts, store: crashing(store, { at, side: 'after' }) })
      await dying.start(desk, 'x', start).then(
        (run) => run.outcome(),
        (error: unknown) => expect(error).toBeInstanceOf(Crash),
      )
      const next = createRuntime({ ...parts, store })
      expect(await (await next.start(desk, 'x', start)).result()).toEqual({ answer: 'ok' })
      expect((await next.replay(id)).status).toBe('matched')
    }
  })
})
