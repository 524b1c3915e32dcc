import { z } from 'zod'

/** How a ticket ends, whoever answers it. */
export const Resolution = z.object({
  resolution: z.enum(['solved', 'declined', 'needs_customer', 'escalated']),
  reply: z.string().describe('What the customer reads.'),
  refundedUsd: z.number().optional().describe('What was refunded in this ticket, where there was a refund.'),
})
