import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import {
  type Agent,
  type CallContext,
  createRuntime,
  defineAgent,
  defineTeam,
  defineTool,
  defineWorkflow,
  type Effect,
  handoff,
  type Model,
  type RunHandle,
  type Store,
  type Tool,
  workflowTool,
} from '../index.ts'

interface Shop {
  order(id: string): { id: string; total: number }
}
declare const store: Store
declare const model: Model
declare const shop: Shop

const findOrder = defineTool({
  name: 'find_order',
  description: 'Finds an order.',
  input: z.object({ orderId: z.string(), deep: z.boolean().optional() }),
  effect: 'read',
  execute: (input, { context, services, signal }: CallContext<{ customerId: string }, { shop: Shop }>) => {
    expectTypeOf(input).toEqualTypeOf<{ orderId: string; deep?: boolean | undefined }>()
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
    expectTypeOf(context.customerId).toBeString()
    return services.shop.order(input.orderId)
  },
})
expectTypeOf(findOrder).toEqualTypeOf<
  Tool<
    'find_order',
    { orderId: string; deep?: boolean | undefined },
    { id: string; total: number },
    { customerId: string },
    { shop: Shop }
  >
>()

const plain = defineTool({
  name: 'add',
  description: 'Adds.',
  input: z.object({ a: z.number(), b: z.number() }),
  effect: 'idempotent',
  execute: async ({ a, b }, { idempotencyKey }) => {
    expectTypeOf(idempotencyKey).toBeString()
    return a + b
  },
})
expectTypeOf(plain['~output']).toEqualTypeOf<number | undefined>()

defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({ a: z.number() }),
  effect: 'transactional',
  prepare: async ({ a }) => ({ rate: a * 2 }),
  execute: ({ a }, { prepared }) => {
    expectTypeOf(prepared).toEqualTypeOf<{ rate: number }>()
    return a
  },
})

defineTool({
  name: 'mail',
  description: 'Mails.',
  input: z.object({ to: z.string() }),
  effect: 'once',
  execute: ({ to }) => ({ id: to }),
  reconcile: ({ to }) => (to ? { happened: true, result: { id: to } } : { happened: false }),
})

// @ts-expect-error a missing effect is a type error: there is no safe default
defineTool({ name: 'x', description: '', input: z.object({}), execute: () => 1 })

const Resolution = z.object({ resolution: z.enum(['solved', 'escalated']), note: z.string().optional() })
const orders = defineAgent({
  name: 'orders',
  model: 'gpt-4.1-mini',
  context: z.object({ customerId: z.string() }),
  instructions: ({ context }) => {
    expectTypeOf(context).toEqualTypeOf<{ customerId: string }>()
    return `Customer ${context.customerId}`
  },
  tools: [findOrder, plain],
  output: Resolution,
})
expectTypeOf(orders).toEqualTypeOf<
  Agent<'orders', { customerId: string }, { resolution: 'solved' | 'escalated'; note?: string }, { shop: Shop }>
>()

// @ts-expect-error the agent does not offer the context that a tool needs
defineAgent({ name: 'bare', model: 'm', instructions: '', tools: [findOrder] })

const triage = defineAgent({
  name: 'triage',
  model: 'm',
  instructions: 'Route.',
  output: z.object({ answer: z.string() }),
})
const returns = defineAgent({
  name: 'returns',
  model: 'm',
  context: z.object({ region: z.string() }),
  instructions: ({ context }) => context.region,
})

// Circular handoffs, and an output schema behind a handoff.
const desk = defineTeam({
  name: 'desk',
  entry: triage,
  handoffs: [
    [triage, [orders, returns]],
    [orders, [triage]],
    [returns, [triage, orders]],
  ],
})
// What is said of a handoff changes nothing of what its agent needs, and its payload is typed where it is summed up.
const byHandoff = defineTeam({
  name: 'by-handoff',
  entry: triage,
  handoffs: [
    [
      triage,
      [
        handoff(orders, {
          payload: z.object({ orderId: z.string(), n: z.number().optional() }),
          history: ({ payload, from }) => {
            expectTypeOf(payload).toEqualTypeOf<{ orderId: string; n?: number }>()
            return `${from}: ${payload.orderId}`
          },
        }),
      ],
    ],
  ],
})
// @ts-expect-error the context of an agent that is handed the run is asked for
void createRuntime({ store, models: model, definitions: [byHandoff], services: { shop } }).start(byHandoff, 'x')
handoff(returns, {
  history: ({ payload }) => {
    expectTypeOf(payload).toEqualTypeOf<undefined>()
    return ''
  },
})
// @ts-expect-error nothing else can move
handoff(returns, { history: 'some' })

// What a model writes to a workflow that is a tool is its input, and what it is told its output.
const count = defineWorkflow({
  name: 'count',
  input: z.object({ n: z.number() }),
  run: (_, { n }) => Promise.resolve(n),
})
const counting = workflowTool(count, { name: 'count', description: 'Counts.' })
expectTypeOf(counting).toEqualTypeOf<Tool<'count', { n: number }, number>>()
defineAgent({ name: 'counter', model: 'm', instructions: '', tools: [counting] })

const resolved = defineTeam({ name: 'resolved', entry: triage, handoffs: [[triage, [orders]]], output: Resolution })

const runtime = createRuntime({ store, models: model, definitions: [desk, resolved, triage], services: { shop } })
expectTypeOf(runtime.start(desk, 'x', { context: { customerId: 'c', region: 'eu' } })).resolves.toEqualTypeOf<
  RunHandle<{ answer: string }>
>()
expectTypeOf(runtime.start(resolved, 'x', { context: { customerId: 'c' } })).resolves.toEqualTypeOf<
  RunHandle<{ resolution: 'solved' | 'escalated'; note?: string }>
>()
expectTypeOf(runtime.start(triage, 'x')).resolves.toEqualTypeOf<RunHandle<{ answer: string }>>()

// What a schema fills in may be left out.
const filled = defineAgent({
  name: 'filled',
  model: 'm',
  context: z.object({ region: z.string().default('eu') }),
  instructions: ({ context }) => {
    expectTypeOf(context).toEqualTypeOf<{ region: string }>()
    return context.region
  },
})
void createRuntime({ store, models: model, definitions: [filled] }).start(filled, 'x', { context: {} })

// @ts-expect-error a context is asked for where the definition has one
void runtime.start(desk, 'x')
// @ts-expect-error the context of every member is asked for
void runtime.start(desk, 'x', { context: { customerId: 'c' } })
// @ts-expect-error a definition that is not registered is a type error
void runtime.start(orders, 'x', { context: { customerId: 'c' } })
// @ts-expect-error the services that tools need are asked for
createRuntime({ store, models: model, definitions: [desk] })
createRuntime({ store, models: model, definitions: [triage] })

// An effect that is known when the program runs leaves `execute` its types.
const effect = JSON.parse('"read"') as Effect
defineTool({
  name: 'any',
  description: 'Any.',
  input: z.object({ id: z.string() }),
  effect,
  execute: ({ id }, { idempotencyKey }) => {
    expectTypeOf(id).toEqualTypeOf<string>()
    expectTypeOf(idempotencyKey).toEqualTypeOf<string>()
    return id
  },
})
