import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from './agent.ts'
import { planOf } from './plan.ts'
import { defineTeam } from './team.ts'
import { defineTool } from './tool.ts'

const context = z.object({ customerId: z.string() })
const find = defineTool({
  name: 'find_order',
  description: 'Finds.',
  input: z.object({}),
  effect: 'read',
  execute: () => 1,
})
const triage = defineAgent({
  name: 'triage',
  model: 'm',
  instructions: 'Route.',
  context,
  output: z.object({ a: z.string() }),
})
const orders = defineAgent({
  name: 'orders',
  version: 4,
  model: 'n',
  instructions: 'Do.',
  context,
  tools: [find],
  budget: { turns: 3 },
})

const noArguments = { type: 'object', properties: {}, required: [], additionalProperties: false }

test('an agent alone is a team of one', () => {
  const plan = planOf(orders)
  expect(plan).toMatchObject({
    ref: { kind: 'agent', name: 'orders', version: 4 },
    entry: 'orders',
    turns: 3,
    output: undefined,
  })
  expect([...plan.agents.keys()]).toEqual(['orders'])
  expect(plan.agents.get('orders')?.card).toEqual({
    agent: 'orders',
    version: 4,
    model: 'n',
    settings: {},
    maxOutputTokens: 4_096,
    tools: [find.card],
    output: null,
  })
})

test('a team shows each agent its own tools and handoffs, and to all of them the output that governs the run', () => {
  const desk = defineTeam({
    name: 'desk',
    entry: triage,
    handoffs: [
      [triage, [orders]],
      [orders, [triage]],
    ],
  })
  const plan = planOf(desk)
  expect(plan).toMatchObject({
    ref: { kind: 'team', name: 'desk', version: 1 },
    entry: 'triage',
    turns: 32,
    contexts: [context],
  })
  expect(plan.agents.get('orders')?.card).toEqual({
    agent: 'orders',
    version: 4,
    model: 'n',
    settings: {},
    maxOutputTokens: 4_096,
    tools: [
      find.card,
      {
        name: 'transfer_to_triage',
        description:
          'Hands the conversation over to the agent "triage", who answers from then on. Call it alone, after everything else is done.',
        parameters: noArguments,
      },
    ],
    output: { name: 'desk', schema: triage.output?.json },
  })
  expect([...(plan.agents.get('triage')?.ways.keys() ?? [])]).toEqual(['transfer_to_orders'])
})

test('a plan is made once', () => {
  expect(planOf(orders)).toBe(planOf(orders))
})

test('tools of the service are on the card where there are any', () => {
  const agent = defineAgent({ name: 'a', model: 'm', instructions: '', hosted: [{ kind: 'web-search' }] })
  expect(planOf(agent).agents.get('a')?.card).toMatchObject({ hosted: [{ kind: 'web-search' }] })
  expect(planOf(orders).agents.get('orders')?.card).not.toHaveProperty('hosted')
})
