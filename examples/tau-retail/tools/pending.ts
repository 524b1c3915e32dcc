// Transactional: they move money and cannot be done twice. Their rows stand in the journal's own file, so that the
// change and the journal's entry about it are one transaction.
import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { pickSwaps, priceDifference } from '../shop/items.ts'
import { checkAffords, methodOf, payBack } from '../shop/money.ts'
import { refused } from '../shop/refused.ts'
import type { Rows } from '../shop/rows.ts'
import type { ShopCall } from '../shop/shop.ts'
import type { Order, Payment } from '../shop/types.ts'
import { itemIds, newItemIds, orderId, paymentMethodId } from './inputs.ts'

/** Cancels an order and pays it back. */
export const cancelOrder = defineTool({
  name: 'cancel_pending_order',
  description: 'Cancels a pending order and pays it back. Have the user confirm it first.',
  input: z.object({ order_id: orderId, reason: z.enum(['no longer needed', 'ordered by mistake']) }),
  effect: 'transactional',
  execute: ({ order_id, reason }, ctx: ShopCall) =>
    ctx.services.shop.change(ctx, 'cancel_pending_order', (rows) => {
      const order = pendingOrder(rows, order_id, 'cancelled')
      const refunds = order.payment_history.map((paid): Payment => ({ ...paid, transaction_type: 'refund' }))
      return settle(rows, { ...order, status: 'cancelled', cancel_reason: reason }, refunds)
    }),
})

/** Puts other variants into an order; the difference is paid or paid back. */
export const modifyOrderItems = defineTool({
  name: 'modify_pending_order_items',
  description:
    'Changes items of a pending order for other variants, once an order. Have the user confirm all of them first.',
  input: z.object({
    order_id: orderId,
    item_ids: itemIds,
    new_item_ids: newItemIds,
    payment_method_id: paymentMethodId,
  }),
  effect: 'transactional',
  execute: ({ order_id, item_ids, new_item_ids, payment_method_id }, ctx: ShopCall) =>
    ctx.services.shop.change(ctx, 'modify_pending_order_items', (rows) => {
      const order = pendingOrder(rows, order_id, 'modified')
      const swaps = pickSwaps(rows, order, item_ids, new_item_ids)
      const difference = priceDifference(swaps)
      checkAffords(methodOf(rows.user(order.user_id), payment_method_id), difference, 'the price difference')
      const items = order.items.map((item) => {
        const by = swaps.find((swap) => swap.item === item)?.by
        return by ? { ...item, item_id: by.item_id, price: by.price, options: by.options } : item
      })
      const transaction_type = difference > 0 ? 'payment' : 'refund'
      return settle(rows, { ...order, items, status: 'pending (item modified)' }, [
        { transaction_type, amount: Math.abs(difference), payment_method_id },
      ])
    }),
})

/** Has an order paid in another way. */
export const modifyOrderPayment = defineTool({
  name: 'modify_pending_order_payment',
  description: 'Changes the payment method of a pending order. Have the user confirm it first.',
  input: z.object({ order_id: orderId, payment_method_id: paymentMethodId }),
  effect: 'transactional',
  execute: ({ order_id, payment_method_id }, ctx: ShopCall) =>
    ctx.services.shop.change(ctx, 'modify_pending_order_payment', (rows) => {
      const order = pendingOrder(rows, order_id, 'modified')
      const method = methodOf(rows.user(order.user_id), payment_method_id)
      const [paid, ...others] = order.payment_history
      if (!paid || others.length > 0) return refused('there should be exactly one payment for a pending order')
      if (paid.payment_method_id === method.id)
        refused('the new payment method should be different from the current one')
      checkAffords(method, paid.amount, 'the order')
      return settle(rows, order, [
        { ...paid, payment_method_id },
        { ...paid, transaction_type: 'refund' },
      ])
    }),
})

function pendingOrder(rows: Rows, id: string, done: string): Order {
  const order = rows.order(id)
  return order.status === 'pending' ? order : refused(`non-pending order cannot be ${done}`)
}

/** Puts an order back with the payments that its change makes. */
function settle(rows: Rows, order: Order, payments: readonly Payment[]): Order {
  for (const { transaction_type, amount, payment_method_id } of payments) {
    payBack(rows, order.user_id, payment_method_id, transaction_type === 'refund' ? amount : -amount)
  }
  const settled = { ...order, payment_history: [...order.payment_history, ...payments] }
  rows.putOrder(settled)
  return settled
}
