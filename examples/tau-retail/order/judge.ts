import type { JsonObject } from '@reprise/core'

/** The status that an order must have for what changes it. */
const MUST_BE: Readonly<Record<string, string>> = {
  cancel_pending_order: 'pending',
  modify_pending_order_items: 'pending',
  modify_pending_order_payment: 'pending',
  modify_pending_order_address: 'pending',
  return_delivered_order_items: 'delivered',
  exchange_delivered_order_items: 'delivered',
}

/** What anybody may be answered. */
const FREE = new Set([
  'find_user_id_by_email',
  'find_user_id_by_name_zip',
  'think',
  'calculate',
  'transfer_to_human_agents',
])

/**
 * Says by the shop's written policy what may be done next, of what was done so far. It knows no rules: it follows a
 * conversation call by call, as a supervisor beside the agent would, and keeps in mind who is served and how each order
 * stood when it was seen or changed last.
 */
export class Judge {
  #served: string | undefined
  readonly #orders = new Map<string, { readonly status: unknown; readonly owner: unknown }>()

  /** Why a call must not be made now; undefined where it may. */
  forbids(name: string, args: JsonObject): string | undefined {
    if (FREE.has(name)) return undefined
    if (this.#served === undefined) return 'nobody has been authenticated'
    if (name === 'get_user_details' || name === 'modify_user_address')
      return args['user_id'] === this.#served ? undefined : 'it is about another user'
    const status = MUST_BE[name]
    if (status === undefined) return undefined
    const id = args['order_id']
    const order = typeof id === 'string' ? this.#orders.get(id) : undefined
    if (!order) return 'the order has not been looked at'
    if (order.owner !== this.#served) return 'the order is of another user'
    return order.status === status ? undefined : `the order is ${String(order.status)}`
  }

  /** Takes note of what a call came to. */
  hear(name: string, result: unknown): void {
    if (name.startsWith('find_user_id')) this.#served ??= String(result)
    if (name !== 'get_order_details' && !(name in MUST_BE)) return
    const { order_id, status, user_id } = result as Readonly<Record<string, unknown>>
    this.#orders.set(String(order_id), { status, owner: user_id })
  }
}
