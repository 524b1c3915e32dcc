// A shop small enough to be read: what its tools do is a pure function of what was done before.
import { ToolError } from '@reprise/core'

/** What somebody can buy: one of the variants of a product. */
export interface Variant {
  readonly id: string
  readonly product: string
  readonly options: string
  readonly priceUsd: number
  readonly inStock: boolean
}

/** An order, with the ids of its variants. */
export interface Order {
  readonly id: string
  readonly customer: string
  readonly status: 'pending' | 'delivered' | 'cancelled' | 'return requested' | 'exchange requested'
  readonly items: readonly string[]
  readonly address: string
  /** What was decided of it last. */
  readonly note?: string
}

/** Who buys. */
export interface Customer {
  readonly id: string
  readonly name: string
  readonly email: string
}

/** All that the shop knows. */
export interface Shop {
  readonly customers: readonly Customer[]
  readonly variants: readonly Variant[]
  readonly orders: readonly Order[]
}

/** A call that changes the shop. */
export interface Deed {
  readonly name: DeedName
  readonly arguments: Readonly<Record<string, unknown>>
}

/** What can be done to an order: each gives the order as it then is, or says why not. */
const DEEDS = {
  cancel_order: (order: Order, { reason }: { reason: string }): Order => {
    need(order.status === 'pending', `Order ${order.id} is ${order.status}. Only a pending order can be cancelled.`)
    need(REASONS.includes(reason), `"${reason}" is no reason to cancel. The reasons are: ${REASONS.join('; ')}.`)
    return { ...order, status: 'cancelled', note: reason }
  },
  change_address: (order: Order, { address }: { address: string }): Order => {
    need(order.status === 'pending', `Order ${order.id} is ${order.status}. Only a pending order gets another address.`)
    return { ...order, address }
  },
  return_items: (order: Order, { item_ids: items }: { item_ids: readonly string[] }): Order => {
    need(order.status === 'delivered', `Order ${order.id} is ${order.status}. Only what was delivered can be returned.`)
    for (const item of items) need(order.items.includes(item), `Order ${order.id} has no item ${item}.`)
    return { ...order, status: 'return requested', note: items.toSorted().join(' ') }
  },
  exchange_item: (order: Order, given: { item_id: string; new_item_id: string }, { variants }: Shop): Order => {
    const { item_id: item, new_item_id: next } = given
    need(
      order.status === 'delivered',
      `Order ${order.id} is ${order.status}. Only what was delivered can be exchanged.`,
    )
    need(order.items.includes(item), `Order ${order.id} has no item ${item}.`)
    const [from, to] = [variants.find(({ id }) => id === item), variants.find(({ id }) => id === next)]
    need(to !== undefined && to.product === from?.product, `${next} is no variant of ${from?.product ?? item}.`)
    need(to.inStock, `${next} is not in stock.`)
    return { ...order, status: 'exchange requested', note: `${item} for ${next}` }
  },
} as const satisfies Record<string, (order: Order, given: never, shop: Shop) => Order>

/** The names of the calls that change the shop. */
export type DeedName = keyof typeof DEEDS

/** Why an order may be cancelled. */
export const REASONS: readonly string[] = ['no longer needed', 'ordered by mistake']

/** Tells whether a call changes the shop. */
export function isDeed(name: string): name is DeedName {
  return Object.hasOwn(DEEDS, name)
}

/**
 * Does one thing in the shop.
 *
 * @throws ToolError where it cannot be done, with the sentence that a model is told.
 */
export function done(shop: Shop, { name, arguments: given }: Deed): Shop {
  const order = orderOf(shop, String(given['order_id']))
  // The tool's schema has checked what it is given.
  const act = DEEDS[name] as (order: Order, given: Deed['arguments'], shop: Shop) => Order
  const next = act(order, given, shop)
  return { ...shop, orders: shop.orders.map((it) => (it === order ? next : it)) }
}

/** Does all of them in their order; what cannot be done changes nothing. */
export function afterAll(shop: Shop, deeds: readonly Deed[]): Shop {
  return deeds.reduce((shop, deed) => {
    try {
      return done(shop, deed)
    } catch (error) {
      if (error instanceof ToolError) return shop
      throw error
    }
  }, shop)
}

/** Finds an order. */
export function orderOf({ orders }: Shop, id: string): Order {
  const order = orders.find((order) => order.id === id)
  need(order !== undefined, `There is no order ${id}. Ask the customer for its number.`)
  return order
}

/** Says why something cannot be done. */
export function need(holds: boolean, message: string): asserts holds {
  if (!holds) throw new ToolError({ code: 'refused', message })
}
