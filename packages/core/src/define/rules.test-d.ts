import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import {
  argumentFrom,
  askConfirmation,
  type CallContext,
  confirmed,
  defineAgent,
  defineTeam,
  defineTool,
  type Rule,
  when,
} from '../index.ts'

const findOrder = defineTool({
  name: 'find_order',
  description: 'Finds an order.',
  input: z.object({ mail: z.string() }),
  effect: 'read',
  execute: async () => ({ id: '4711', at: new Date(0), items: ['a', 'b'], total: 3 }),
})
const refund = defineTool({
  name: 'refund',
  description: 'Refunds.',
  input: z.object({ orderId: z.string(), item: z.string().optional(), cents: z.number() }),
  effect: 'once',
  execute: (_, { context }: CallContext<{ customerId: string; orders: string[] }>) => context.customerId,
})

expectTypeOf(
  when(refund, (input, facts) => {
    expectTypeOf(input).toEqualTypeOf<{ orderId: string; item?: string | undefined; cents: number }>()
    const calls = facts.returned(findOrder)
    expectTypeOf(calls[0]?.input).toEqualTypeOf<{ mail: string } | undefined>()
    // What was recorded is JSON.
    expectTypeOf(calls[0]?.result).toEqualTypeOf<
      { id: string; at: string; items: string[]; total: number } | undefined
    >()
    return calls.some(({ result }) => result.id === input.orderId)
  }),
).toEqualTypeOf<Rule>()

argumentFrom(refund, 'orderId', findOrder, ({ id }) => id)
argumentFrom(refund, 'item', findOrder, ({ items }) => items)
argumentFrom(refund, 'cents', findOrder, ({ total }) => total)
argumentFrom(refund, 'orderId', 'context', ({ orders }) => orders)
// @ts-expect-error the tool takes no such argument
argumentFrom(refund, 'order', findOrder, ({ id }) => id)
// @ts-expect-error what is picked is no order's id
argumentFrom(refund, 'orderId', findOrder, ({ total }) => total)
// @ts-expect-error the result has no such field
argumentFrom(refund, 'orderId', findOrder, ({ number }) => number)
// @ts-expect-error the context that the tool needs has no such field
argumentFrom(refund, 'orderId', 'context', ({ order }) => order)
// @ts-expect-error a promise is no word on a call
when(refund, async () => true)

expectTypeOf(confirmed(refund)).toEqualTypeOf<Rule>()
// A tool that asks takes what its tool takes.
argumentFrom(askConfirmation(refund), 'orderId', findOrder, ({ id }) => id)
// @ts-expect-error a name is no tool
confirmed('refund')

const desk = defineAgent({
  name: 'desk',
  model: 'm',
  context: z.object({ customerId: z.string(), orders: z.array(z.string()) }),
  instructions: '',
  tools: [findOrder, refund],
  rules: [argumentFrom(refund, 'orderId', findOrder, ({ id }) => id)],
  toolChoice: findOrder,
  parallelCalls: false,
  parallel: 2,
})
defineTeam({ name: 'team', entry: desk, handoffs: [], rules: [when(refund, () => true)] })
