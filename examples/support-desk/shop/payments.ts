import { ToolError } from '@reprise/core'
import type { Database } from 'better-sqlite3'
import type { Asker, Keys } from './keys.ts'
import { showUsd, toCents } from './money.ts'
import type { Order, Orders } from './orders.ts'
import { TODAY } from './seed.ts'

/** The most that the desk may refund without a person, in dollars. */
export const REFUND_LIMIT_USD = 150

/** How long after delivery a change of mind is accepted, in days. */
export const RETURN_DAYS = 30

/** Why money goes back. */
export const REASONS = ['damaged', 'lost', 'double_charge', 'changed_mind'] as const

/** What a refund is asked for with. */
export interface RefundRequest {
  readonly orderId: string
  readonly amountUsd: number
  readonly reason: (typeof REASONS)[number]
}

/** The payment service: it keeps to the policy whatever the model says, and pays once for each key. */
export class Payments {
  readonly #db: Database
  readonly #keys: Keys
  readonly #orders: Orders

  constructor(db: Database, keys: Keys, orders: Orders) {
    this.#db = db
    this.#keys = keys
    this.#orders = orders
  }

  /**
   * @param allowedBy whose decision it is: a person may refund more than the desk.
   * @throws ToolError when the policy does not allow it.
   */
  refund(
    asker: Asker,
    request: RefundRequest,
    allowedBy: 'desk' | 'person' = 'desk',
  ): { orderId: string; refundedUsd: number } {
    const { orderId, amountUsd, reason } = request
    return this.#keys.once(asker, 'refund_order', () => {
      refuse(this.#orders.get(asker.customerId, orderId), request, allowedBy)
      this.#db
        .prepare('insert into refunds (order_id, cents, reason, key) values (?, ?, ?, ?)')
        .run(orderId, toCents(amountUsd), reason, asker.key)
      return { orderId, refundedUsd: amountUsd }
    })
  }
}

function refuse(order: Order, { orderId, amountUsd, reason }: RefundRequest, allowedBy: 'desk' | 'person'): void {
  const asked = toCents(amountUsd)
  const paid = order.charges.reduce((sum, charge) => sum + toCents(charge.amountUsd), 0)
  if (order.refundedUsd > 0) throw no('already_refunded', `Order ${orderId} was refunded before.`)
  if (order.status === 'cancelled') throw no('cancelled', `Order ${orderId} is cancelled, and its charge is void.`)
  if (asked > paid)
    throw no('too_much', `Order ${orderId} was paid with ${showUsd(paid)}, and ${showUsd(asked)} was asked.`)
  if (reason === 'double_charge' && order.charges.length < 2)
    throw no('charged_once', `Order ${orderId} was charged once.`)
  if (reason === 'changed_mind' && daysSince(order.deliveredOn) > RETURN_DAYS) {
    throw no(
      'too_late',
      `Order ${orderId} was delivered more than ${RETURN_DAYS} days ago: a change of mind comes too late.`,
    )
  }
  if (allowedBy === 'desk' && asked > toCents(REFUND_LIMIT_USD)) {
    throw no(
      'over_limit',
      `The desk refunds up to ${showUsd(toCents(REFUND_LIMIT_USD))}: escalate this one to a person.`,
    )
  }
}

function no(code: string, message: string): ToolError {
  return new ToolError({ code, message: `Not refunded. ${message}` })
}

function daysSince(day: string | null): number {
  return day === null ? 0 : (Date.parse(TODAY) - Date.parse(day)) / 86_400_000
}
