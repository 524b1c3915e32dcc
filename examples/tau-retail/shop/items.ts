import { refused } from './refused.ts'
import type { Rows } from './rows.ts'
import type { Order, OrderItem, Variant } from './types.ts'

/** An item of an order, and what the customer wants in its place. */
export interface Swap {
  readonly item: OrderItem
  readonly by: Variant
}

/**
 * Finds items of an order by their ids; an id that is given twice takes two items.
 *
 * @throws ToolError when the order has not so many.
 */
export function pickItems(order: Order, itemIds: readonly string[]): OrderItem[] {
  const left = [...order.items]
  return itemIds.map((id) => {
    const at = left.findIndex(({ item_id }) => item_id === id)
    return left.splice(at, at === -1 ? 0 : 1)[0] ?? refused(`${id} not found`)
  })
}

/** @throws ToolError when an item is not the order's, or there is no such variant of its product to be had. */
export function pickSwaps(rows: Rows, order: Order, itemIds: readonly string[], newItemIds: readonly string[]): Swap[] {
  const items = pickItems(order, itemIds)
  if (items.length !== newItemIds.length) refused('the number of items to be exchanged should match')
  return items.map((item, index) => {
    const id = newItemIds[index] ?? ''
    const by = rows.product(item.product_id).variants[id]
    return by?.available ? { item, by } : refused(`new item ${id} not found or available`)
  })
}

/** What the new items cost more, in dollars: a sum of binary fractions, not rounded. */
export function priceDifference(swaps: readonly Swap[]): number {
  return swaps.reduce((sum, { item, by }) => sum + (by.price - item.price), 0)
}
