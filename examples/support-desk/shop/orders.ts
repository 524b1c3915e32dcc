import { ToolError } from '@reprise/core'
import type { Database } from 'better-sqlite3'
import type { Asker, Keys } from './keys.ts'

/** An order in short. */
export interface OrderSummary {
  readonly orderId: string
  readonly status: 'processing' | 'shipped' | 'delivered' | 'cancelled'
  readonly placedOn: string
  readonly promisedOn: string
  readonly deliveredOn: string | null
  readonly address: string
}

/** An order with all that hangs on it. */
export interface Order extends OrderSummary {
  readonly lines: readonly {
    readonly sku: string
    readonly name: string
    readonly quantity: number
    readonly priceUsd: number
  }[]
  readonly charges: readonly { readonly id: string; readonly amountUsd: number; readonly on: string }[]
  readonly refundedUsd: number
}

const SUMMARY = `id as orderId, status, placed_on as placedOn, promised_on as promisedOn, delivered_on as deliveredOn, address`

/** The orders of the shop. Every question names the customer who asks, and finds that customer's orders alone. */
export class Orders {
  readonly #db: Database
  readonly #keys: Keys

  constructor(db: Database, keys: Keys) {
    this.#db = db
    this.#keys = keys
  }

  list(customerId: string): OrderSummary[] {
    return this.#db
      .prepare<[string], OrderSummary>(`select ${SUMMARY} from orders where customer_id = ? order by id`)
      .all(customerId)
  }

  /** @throws ToolError when the customer has no such order. */
  get(customerId: string, orderId: string): Order {
    const summary = this.list(customerId).find((order) => order.orderId === orderId)
    if (!summary) {
      throw new ToolError({
        code: 'no_such_order',
        message: `This customer has no order "${orderId}". Look at list_orders, or ask the customer for the number.`,
      })
    }
    const lines = this.#db
      .prepare<[string], Order['lines'][number]>(
        'select sku, name, quantity, order_lines.cents / 100.0 as priceUsd from order_lines join products using (sku) where order_id = ? order by sku',
      )
      .all(orderId)
    const charges = this.#db
      .prepare<[string], Order['charges'][number]>(
        'select id, cents / 100.0 as amountUsd, charged_on as "on" from charges where order_id = ? order by rowid',
      )
      .all(orderId)
    const refunded = this.#db
      .prepare<[string], number>('select coalesce(sum(cents), 0) from refunds where order_id = ?')
      .pluck()
    return { ...summary, lines, charges, refundedUsd: (refunded.get(orderId) ?? 0) / 100 }
  }

  /** @throws ToolError when the order has left the warehouse. */
  changeAddress(asker: Asker, orderId: string, address: string): { orderId: string; address: string } {
    return this.#keys.once(asker, 'change_address', () => {
      const order = this.#processing(asker, orderId, 'its address cannot be changed')
      this.#db.prepare('update orders set address = ? where id = ?').run(address, orderId)
      this.#note(orderId, 'address', order.address, address, asker.key)
      return { orderId, address }
    })
  }

  /**
   * Cancels an order and voids its charge.
   *
   * @throws ToolError when the order has left the warehouse.
   */
  cancel(asker: Asker, orderId: string): { orderId: string; status: 'cancelled' } {
    return this.#keys.once(asker, 'cancel_order', () => {
      const order = this.#processing(asker, orderId, 'it cannot be cancelled')
      this.#db.prepare("update orders set status = 'cancelled' where id = ?").run(orderId)
      this.#note(orderId, 'status', order.status, 'cancelled', asker.key)
      return { orderId, status: 'cancelled' as const }
    })
  }

  #processing({ customerId }: Asker, orderId: string, so: string): Order {
    const order = this.get(customerId, orderId)
    if (order.status === 'processing') return order
    throw new ToolError({ code: 'not_processing', message: `Order ${orderId} is ${order.status}: ${so}.` })
  }

  #note(orderId: string, what: string, before: string, after: string, key: string): void {
    const sql = 'insert into changes (order_id, what, before, after, key) values (?, ?, ?, ?, ?)'
    this.#db.prepare(sql).run(orderId, what, before, after, key)
  }
}
