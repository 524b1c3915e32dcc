import { refused } from './refused.ts'
import type { Rows } from './rows.ts'
import type { PaymentMethod, User } from './types.ts'

/** Rounds dollars to whole cents. */
export function toCents(usd: number): number {
  return Number(usd.toFixed(2))
}

/** @throws ToolError when the customer has no such method. */
export function methodOf(user: User, id: string): PaymentMethod {
  return user.payment_methods[id] ?? refused('payment method not found')
}

/** @throws ToolError when a gift card holds less than is to be paid. */
export function checkAffords({ balance = Infinity }: PaymentMethod, usd: number, what: string): void {
  if (balance < usd) refused(`insufficient gift card balance to pay for ${what}`)
}

/** Pays back at once where the method is a gift card; elsewhere the bank does, in days. A payment is negative. */
export function payBack(rows: Rows, userId: string, methodId: string, usd: number): void {
  const user = rows.user(userId)
  const method = user.payment_methods[methodId]
  if (method?.balance === undefined) return
  const paid = { ...method, balance: toCents(method.balance + usd) }
  rows.putUser(userId, { ...user, payment_methods: { ...user.payment_methods, [methodId]: paid } })
}
