// Idempotent: the shop does each of them once for a key, as a service elsewhere would, which shares no transaction
// with the journal. A repeat after a crash finds its key, and cannot write over what came later.
import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { refused } from '../shop/refused.ts'
import type { ShopCall } from '../shop/shop.ts'
import { address, orderId, userId } from './inputs.ts'

/** Changes where a user lives. */
export const modifyUserAddress = defineTool({
  name: 'modify_user_address',
  description: "Changes a user's default address. Have the user confirm it first.",
  input: z.object({ user_id: userId, ...address }),
  effect: 'idempotent',
  execute: ({ user_id, ...address }, ctx: ShopCall) =>
    ctx.services.shop.changeOnce(ctx, 'modify_user_address', (rows) => {
      const user = { ...rows.user(user_id), address }
      rows.putUser(user_id, user)
      return user
    }),
})

/** Changes where an order goes. */
export const modifyOrderAddress = defineTool({
  name: 'modify_pending_order_address',
  description: 'Changes where a pending order goes. Have the user confirm it first.',
  input: z.object({ order_id: orderId, ...address }),
  effect: 'idempotent',
  execute: ({ order_id, ...address }, ctx: ShopCall) =>
    ctx.services.shop.changeOnce(ctx, 'modify_pending_order_address', (rows) => {
      const order = { ...rows.order(order_id), address }
      if (order.status !== 'pending') refused('non-pending order cannot be modified')
      rows.putOrder(order)
      return order
    }),
})

/** Passes the conversation to a person. */
export const transferToHuman = defineTool({
  name: 'transfer_to_human_agents',
  description: 'Passes the user to a person: only where they ask for one, or no tool can help.',
  input: z.object({ summary: z.string().describe('What the person must know.') }),
  effect: 'idempotent',
  // The line in the ledger is what the person finds.
  execute: (_, ctx: ShopCall) =>
    ctx.services.shop.changeOnce(ctx, 'transfer_to_human_agents', () => 'Transfer successful'),
})
