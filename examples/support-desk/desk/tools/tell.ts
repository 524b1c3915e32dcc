import { defineTool, ToolError } from '@reprise/core'
import { z } from 'zod'
import type { DeskCall } from '../services.ts'

/** Passes a ticket to a person: a line in the desk's own book, in one transaction with the journal. */
export const escalate = defineTool({
  name: 'escalate',
  description: 'Passes the ticket to a person, who takes it up today.',
  input: z.object({ summary: z.string().describe('What the person must know and decide, in one or two sentences.') }),
  effect: 'transactional',
  execute: ({ summary }, ctx: DeskCall) => {
    const escalated = { escalated: true }
    const booked = ctx.services.book.escalate(ctx, ctx.context.customerId, summary)
    return booked ? booked.then(() => escalated) : escalated
  },
})

const CONFIRMS = [
  'refund_order',
  'create_return_label',
  'give_credit',
  'change_address',
  'cancel_order',
  'escalate',
] as const

/** Sends a mail by a server that has no keys: after a crash the desk looks into the outbox before it sends again. */
export const sendEmail = defineTool({
  name: 'send_email',
  description: 'Sends the customer who wrote a mail that confirms what was done. Call it when all of that is done.',
  input: z.object({
    confirms: z.array(z.enum(CONFIRMS)).min(1).describe('The tools that did what the mail confirms.'),
    subject: z.string(),
    text: z.string(),
  }),
  effect: 'once',
  execute: async ({ confirms, subject, text }, { context, services, runId, idempotencyKey }: DeskCall) => {
    const booked = (await services.book.lines()).filter(({ ticket }) => ticket === runId)
    const done = [...services.shop.keys.doneFor(runId), ...booked.map(({ tool }) => tool)]
    const missing = confirms.filter((tool) => !done.includes(tool))
    if (missing.length > 0)
      throw notSent(`This ticket has had no ${missing.join(' and no ')} yet. Confirm only what is done.`)
    const to = services.shop.registry.customer(context.customerId)?.email
    if (to === undefined) throw notSent('The customer has no address.')
    services.outbox.send({ id: idempotencyKey, ticket: runId, to, subject, text })
    return { sentTo: to }
  },
  reconcile: (_, { services, idempotencyKey }) => {
    const mail = services.outbox.sent().find(({ id }) => id === idempotencyKey)
    return mail ? { happened: true, result: { sentTo: mail.to } } : { happened: false }
  },
})

function notSent(why: string): ToolError {
  return new ToolError({ code: 'not_sent', message: `Not sent. ${why}` })
}
