// A handoff with a payload: the next agent reads what it needs, typed and checked, and nothing of the talk before.
import assert from 'node:assert/strict'
import { createRuntime, defineAgent, defineTeam, handoff, requestsOf } from '@reprise/core'
import { fakeOpenAI } from '@reprise/fake-openai'
import { openai } from '@reprise/openai'
import { memoryStore } from '@reprise/testing'
import { z } from 'zod'
import { call, played, type Tell, tellTree } from './stage.ts'

const model = 'gpt-4.1-mini'
const triage = defineAgent({ name: 'triage', model, instructions: 'You are the triage. Find out what is wrong.' })
const returns = defineAgent({ name: 'returns', model, instructions: 'You are the returns. Say how goods come back.' })
const toReturns = handoff(returns, {
  description: 'Hands over to those who take goods back, once the order is known. They answer from then on.',
  payload: z.object({ orderId: z.string().regex(/^\d{4}$/), reason: z.enum(['broken', 'unwanted']) }),
  history: 'payload',
})
const desk = defineTeam({
  name: 'desk',
  entry: triage,
  handoffs: [[triage, [toReturns]]],
  budget: { handoffs: 2 },
})

export async function play(tell: Tell): Promise<void> {
  const script = played({
    // Wrong at first: it is told what is wrong, and still holds the run.
    triage: ({ told }) =>
      call('transfer_to_returns', { orderId: told.length === 0 ? 'the lamp' : '4711', reason: 'broken' }),
    returns: ({ task }) => ({ text: task.includes('"orderId":"4711"') ? 'Send 4711 back for free.' : 'Which order?' }),
  })
  await using fake = await fakeOpenAI(script)
  const models = openai({ baseURL: fake.url, apiKey: 'any' })
  await using runtime = createRuntime({ store: memoryStore(), models, definitions: [desk] })

  const run = await runtime.start(desk, 'The lamp of my order 4711 is in pieces. It was for my mother, who is 80.')
  assert.equal(await run.result(), 'Send 4711 back for free.')
  const entries = await runtime.runs.entries(run.id)
  const made = entries.find((entry) => entry.kind === 'handoff.made')
  assert.deepEqual(made?.body.payload, { orderId: '4711', reason: 'broken' })
  const requests = [...requestsOf(entries)]
  assert.deepEqual(
    requests.map(({ card, items }) => `${card.agent} reads ${items.length}`),
    ['triage reads 1', 'triage reads 3', 'returns reads 1'],
  )
  for (const { card, items } of requests) tell(`  ${card.agent} reads ${items.length} of the conversation`)
  await tellTree(runtime, run.id, tell)
}
