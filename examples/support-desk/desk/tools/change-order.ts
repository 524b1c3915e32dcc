import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { askerOf, type DeskCall } from '../services.ts'

const orderId = z.string().describe('Such as F-1001.')

/** Sends an order elsewhere while it is in the warehouse. */
export const changeAddress = defineTool({
  name: 'change_address',
  description: 'Changes where an order goes. Only while it is processing.',
  input: z.object({ orderId, address: z.string().describe('The whole new address on one line.') }),
  effect: 'idempotent',
  execute: ({ orderId, address }, ctx: DeskCall) =>
    ctx.services.shop.orders.changeAddress(askerOf(ctx), orderId, address),
})

/** Cancels an order while it is in the warehouse. */
export const cancelOrder = defineTool({
  name: 'cancel_order',
  description: 'Cancels a whole order and voids its charge. Only while it is processing.',
  input: z.object({ orderId }),
  effect: 'idempotent',
  execute: ({ orderId }, ctx: DeskCall) => ctx.services.shop.orders.cancel(askerOf(ctx), orderId),
})
