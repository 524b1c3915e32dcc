import { defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'
import type { DeskCall } from '../services.ts'

/** Reads the customer who wrote. It takes no argument: the model cannot ask for anybody else. */
export const findCustomer = defineTool({
  name: 'find_customer',
  description: 'The customer who wrote this ticket: name and e-mail.',
  input: z.object({}),
  effect: 'read',
  execute: (_, { context, services }: DeskCall) => {
    const customer = services.shop.registry.customer(context.customerId)
    if (!customer)
      throw new ToolError({ code: 'no_customer', message: `There is no customer "${context.customerId}".` })
    return customer
  },
})

/** Lists the orders of the customer who wrote. */
export const listOrders = defineTool({
  name: 'list_orders',
  description: 'All orders of the customer who wrote, in short.',
  input: z.object({}),
  effect: 'read',
  execute: (_, { context, services }: DeskCall) => services.shop.orders.list(context.customerId),
})

/** Reads one order of the customer who wrote. */
export const findOrder = defineTool({
  name: 'find_order',
  description: 'One order of the customer who wrote: its lines, charges, dates, address, and what was refunded.',
  input: z.object({ orderId: z.string().describe('Such as F-1001.') }),
  effect: 'read',
  execute: ({ orderId }, { context, services }: DeskCall) => services.shop.orders.get(context.customerId, orderId),
})

/** Searches the catalogue. */
export const findProduct = defineTool({
  name: 'find_product',
  description: 'Products of the shop whose name or description holds all the given words: price, stock, facts.',
  input: z.object({ words: z.string().describe('One or two words, such as: sleeping bag.') }),
  effect: 'read',
  execute: ({ words }, { services }: DeskCall) => services.shop.registry.products(words),
})
