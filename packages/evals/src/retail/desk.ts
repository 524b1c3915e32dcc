import { type CallContext, defineAgent, defineTool, type Runtime } from '@reprise/core'
import { z } from 'zod'
import { callsOf } from '../seen/calls.ts'
import { afterAll, type Deed, type DeedName, done, isDeed, need, orderOf, REASONS, type Shop } from './shop.ts'
import { POLICY, SHOP } from './world.ts'

const deed = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })

/** What the desk is started with: what it has done in the turns before. */
const context = z.object({ done: z.array(deed) })

type DeskCall = CallContext<z.infer<typeof context>>

/** The deeds among a run's calls. */
export async function deedsIn(runtime: Runtime, runId: string): Promise<readonly Deed[]> {
  return callsOf(runId, await runtime.runs.entries(runId)).flatMap(({ name, state, arguments: given }) =>
    state === 'returned' && isDeed(name) ? [{ name, arguments: given as Deed['arguments'] }] : [],
  )
}

/** Defines the desk. Its shop is what it began as, and all that was done since, in the turns before and in this one. */
export function deskOf(model: string, runtime: () => Runtime) {
  const now = async ({ context, runId }: DeskCall): Promise<Shop> =>
    afterAll(SHOP, [...(context.done as readonly Deed[]), ...(await deedsIn(runtime(), runId))])
  const order_id = z.string().describe('As R1001.')
  const write = (name: DeedName, description: string, input: z.ZodType<{ readonly order_id: string }>) =>
    defineTool({
      name,
      description,
      input,
      effect: 'idempotent',
      retry: { attempts: 1 },
      async execute(input, ctx: DeskCall) {
        const shop = done(await now(ctx), { name, arguments: { ...input } })
        return orderOf(shop, input.order_id)
      },
    })
  const tools = [
    defineTool({
      name: 'find_customer',
      description: 'Finds a customer and the numbers of their orders by their e-mail address.',
      input: z.object({ email: z.string() }),
      effect: 'read',
      execute({ email }) {
        const customer = SHOP.customers.find((it) => it.email === email.trim().toLowerCase())
        need(customer !== undefined, `There is no customer with the address ${email}. Ask for another one.`)
        return { ...customer, orders: SHOP.orders.flatMap((it) => (it.customer === customer.id ? it.id : [])) }
      },
    }),
    defineTool({
      name: 'get_order',
      description: 'Gives an order: whose it is, its status, its items and its address.',
      input: z.object({ order_id }),
      effect: 'read',
      execute: async ({ order_id: id }, ctx: DeskCall) => orderOf(await now(ctx), id),
    }),
    defineTool({
      name: 'list_variants',
      description: 'Lists what the shop sells: products, their variants, prices, and whether they are in stock.',
      input: z.object({}),
      effect: 'read',
      execute: () => SHOP.variants,
    }),
    write(
      'cancel_order',
      'Cancels a pending order.',
      z.object({ order_id, reason: z.string().describe(`One of: ${REASONS.join('; ')}.`) }),
    ),
    write('change_address', 'Gives a pending order another address.', z.object({ order_id, address: z.string() })),
    write(
      'return_items',
      'Requests the return of items of a delivered order.',
      z.object({ order_id, item_ids: z.array(z.string()) }),
    ),
    write(
      'exchange_item',
      'Requests the exchange of an item of a delivered order for another variant.',
      z.object({ order_id, item_id: z.string(), new_item_id: z.string() }),
    ),
  ]
  return defineAgent({ name: 'retail-desk', model, instructions: POLICY, context, tools })
}
