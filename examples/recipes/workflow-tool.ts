// A workflow that is a tool: its steps are recorded, and the call waits for the payment over a restart.
import assert from 'node:assert/strict'
import { createRuntime, defineAgent, defineSignal, defineWorkflow, workflowTool } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { z } from 'zod'
import { call, played, type Tell, tellTree } from './stage.ts'

const paid = defineSignal({ name: 'paid', payload: z.object({ usd: z.number() }) })
const booked: string[] = []
const ship = defineWorkflow({
  name: 'ship',
  input: z.object({ orderId: z.string() }),
  async run(ctx, { orderId }) {
    await ctx.step('book', () => void booked.push(orderId))
    const { usd } = await ctx.receive(paid)
    return `${orderId} is on its way, $${usd} paid`
  },
})
const clerk = defineAgent({
  name: 'clerk',
  model: 'gpt-4.1-mini',
  instructions: 'You are the clerk. Ship what is ordered.',
  tools: [workflowTool(ship, { name: 'ship_order', description: 'Ships an order once it is paid.' })],
})

export async function play(tell: Tell): Promise<void> {
  const script = played({
    clerk: ({ told }) =>
      told.length > 0 ? { text: `Done: ${told.join()}.` } : call('ship_order', { orderId: '4711' }),
  })
  await using fake = await fakeOpenAI(script)
  const parts = {
    store: memoryStore(),
    models: openai({ baseURL: fake.url, apiKey: 'any' }),
    definitions: [clerk, ship],
  } as const

  booked.length = 0
  const before = createRuntime(parts)
  const outcome = await (await before.start(clerk, 'Ship order 4711', { id: 'order' })).outcome()
  assert.ok(outcome.kind === 'waiting' && outcome.waiting.kind === 'child')
  const { runId } = outcome.waiting
  tell(`  waits for ${runId}`)
  await before.close()

  // Another process goes on.
  await using runtime = createRuntime(parts)
  await runtime.send(runId, paid, { usd: 30 })
  await (await runtime.resume(runId)).outcome()
  assert.equal(await (await runtime.resume('order')).result(), 'Done: 4711 is on its way, $30 paid.')
  assert.deepEqual(booked, ['4711'])
  await tellTree(runtime, 'order', tell)
}
