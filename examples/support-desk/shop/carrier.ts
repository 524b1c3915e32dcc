import { createHash } from 'node:crypto'
import { ToolError } from '@reprise/core'
import type { Database } from 'better-sqlite3'
import type { Asker, Keys } from './keys.ts'
import type { Orders } from './orders.ts'

/** The carrier: it makes labels for parcels that come back. */
export class Carrier {
  readonly #db: Database
  readonly #keys: Keys
  readonly #orders: Orders

  constructor(db: Database, keys: Keys, orders: Orders) {
    this.#db = db
    this.#keys = keys
    this.#orders = orders
  }

  /** @throws ToolError when the thing is not of this order, or has not arrived. */
  returnLabel(asker: Asker, orderId: string, sku: string): { tracking: string } {
    return this.#keys.once(asker, 'create_return_label', () => {
      const order = this.#orders.get(asker.customerId, orderId)
      if (order.status !== 'delivered') throw no(`Order ${orderId} is ${order.status}: nothing can be sent back yet.`)
      const skus = order.lines.map((line) => line.sku)
      if (!skus.includes(sku)) throw no(`Order ${orderId} has no "${sku}". It has: ${skus.join(', ')}.`)
      const tracking = `RT-${createHash('sha256').update(`${orderId} ${sku}`).digest('hex').slice(0, 8).toUpperCase()}`
      this.#db
        .prepare('insert into labels (tracking, order_id, sku, key) values (?, ?, ?, ?)')
        .run(tracking, orderId, sku, asker.key)
      return { tracking }
    })
  }
}

function no(message: string): ToolError {
  return new ToolError({ code: 'no_label', message })
}
