import { defineTool } from '@reprise/core'
import { z } from 'zod'
import { toCents } from '../../shop/money.ts'
import { REASONS, REFUND_LIMIT_USD } from '../../shop/payments.ts'
import { askerOf, type DeskCall } from '../services.ts'

const orderId = z.string().describe('Such as F-1001.')

const refund = {
  name: 'refund_order',
  description: 'Pays money of an order back to the card it came from.',
  input: z.object({ orderId, amountUsd: z.number().positive(), reason: z.enum(REASONS) }),
  effect: 'idempotent',
} as const

/** Pays money back. The payment service keeps the key: asked again with it, it pays nothing and answers the same. */
export const refundOrder = defineTool({
  ...refund,
  execute: (request, ctx: DeskCall) => ctx.services.shop.payments.refund(askerOf(ctx), request),
})

/** The same for the chat, where a person can be asked: what is above the limit of the desk is paid once one has allowed it. */
export const refundOrAsk = defineTool({
  ...refund,
  approval: ({ amountUsd }) => amountUsd > REFUND_LIMIT_USD,
  execute: (request, ctx: DeskCall) => ctx.services.shop.payments.refund(askerOf(ctx), request, 'person'),
})

/** Makes a label with which something comes back. */
export const createReturnLabel = defineTool({
  name: 'create_return_label',
  description: 'Makes a prepaid label for sending one product of an order back.',
  input: z.object({ orderId, sku: z.string() }),
  effect: 'idempotent',
  execute: ({ orderId, sku }, ctx: DeskCall) => ctx.services.shop.carrier.returnLabel(askerOf(ctx), orderId, sku),
})

/** Gives goodwill credit: a line in the desk's own book, in one transaction with the journal. */
export const giveCredit = defineTool({
  name: 'give_credit',
  description: 'Gives the customer shop credit as goodwill.',
  input: z.object({ amountUsd: z.number().positive().max(25), reason: z.string().describe('A few words.') }),
  effect: 'transactional',
  execute: ({ amountUsd, reason }, ctx: DeskCall) => {
    const credited = { creditedUsd: amountUsd }
    const booked = ctx.services.book.credit(ctx, ctx.context.customerId, toCents(amountUsd), reason)
    return booked ? booked.then(() => credited) : credited
  },
})
