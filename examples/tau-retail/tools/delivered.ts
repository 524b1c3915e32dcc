// Transactional: an order is returned or exchanged once. Its rows stand in the journal's own file, so that the change
// and the journal's entry about it are one transaction.
import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { pickItems, pickSwaps, priceDifference } from '../shop/items.ts'
import { checkAffords, methodOf, toCents } from '../shop/money.ts'
import { refused } from '../shop/refused.ts'
import type { Rows } from '../shop/rows.ts'
import type { ShopCall } from '../shop/shop.ts'
import type { Order } from '../shop/types.ts'
import { itemIds, newItemIds, orderId, paymentMethodId } from './inputs.ts'

/** Takes things back. */
export const returnItems = defineTool({
  name: 'return_delivered_order_items',
  description: 'Asks for the return of items of a delivered order. Have the user confirm all of them first.',
  input: z.object({ order_id: orderId, item_ids: itemIds, payment_method_id: paymentMethodId }),
  effect: 'transactional',
  execute: ({ order_id, item_ids, payment_method_id }, ctx: ShopCall) =>
    ctx.services.shop.change(ctx, 'return_delivered_order_items', (rows) => {
      const order = deliveredOrder(rows, order_id, 'returned')
      const { source, id } = methodOf(rows.user(order.user_id), payment_method_id)
      if (source !== 'gift_card' && id !== order.payment_history[0]?.payment_method_id)
        refused('payment method should be either the original payment method or a gift card')
      pickItems(order, item_ids)
      return put(rows, {
        ...order,
        status: 'return requested',
        return_items: item_ids.toSorted(),
        return_payment_method_id: id,
      })
    }),
})

/** Takes things back for other variants of them. */
export const exchangeItems = defineTool({
  name: 'exchange_delivered_order_items',
  description:
    'Asks for the exchange of items of a delivered order for other variants, once an order. Have the user confirm all of them first.',
  input: z.object({
    order_id: orderId,
    item_ids: itemIds,
    new_item_ids: newItemIds,
    payment_method_id: paymentMethodId,
  }),
  effect: 'transactional',
  execute: ({ order_id, item_ids, new_item_ids, payment_method_id }, ctx: ShopCall) =>
    ctx.services.shop.change(ctx, 'exchange_delivered_order_items', (rows) => {
      const order = deliveredOrder(rows, order_id, 'exchanged')
      const difference = toCents(priceDifference(pickSwaps(rows, order, item_ids, new_item_ids)))
      checkAffords(methodOf(rows.user(order.user_id), payment_method_id), difference, 'the price difference')
      return put(rows, {
        ...order,
        status: 'exchange requested',
        exchange_items: item_ids.toSorted(),
        exchange_new_items: new_item_ids.toSorted(),
        exchange_payment_method_id: payment_method_id,
        exchange_price_difference: difference,
      })
    }),
})

function deliveredOrder(rows: Rows, id: string, done: string): Order {
  const order = rows.order(id)
  return order.status === 'delivered' ? order : refused(`non-delivered order cannot be ${done}`)
}

function put(rows: Rows, order: Order): Order {
  rows.putOrder(order)
  return order
}
