import { argumentFrom, atMost, defineAgent, memory, when } from '@reprise/core'
import { z } from 'zod'
import { context, MODEL, policy } from './agents.ts'
import { cancelOrder, changeAddress } from './tools/change-order.ts'
import { createReturnLabel, giveCredit, refundOrAsk } from './tools/give-back.ts'
import { findCustomer, findOrder, findProduct, listOrders } from './tools/look-up.ts'
import { escalate, sendEmail } from './tools/tell.ts'

/** What is known of a customer in every conversation. */
const customer = memory({
  scope: 'user',
  schema: z.object({
    key: z.enum(['size', 'sleeping', 'delivery', 'plans', 'other']).describe('What the fact is about.'),
    value: z.string().describe('The fact, in one short sentence.'),
  }),
  description: 'Keep what later orders need, when the customer says it. Do not keep what is about one order alone.',
})

const INSTRUCTIONS = `You are the support desk of Fernhill Outfitters, in a chat with one customer.

${policy}

## In a chat

- Answer in one to three plain sentences. There is no resolution to give: the chat goes on.
- Use the tools rather than guess, and think before each call and after its result.
- Call refund_order for a refund above the limit of the desk, too. A person is asked then, and you are told what was decided.
- Send a mail only about a refund. What was done else is said in the chat.
`

/** The desk in a chat: one agent for all that a customer may want. */
export const chatAgent = defineAgent({
  name: 'chat',
  model: MODEL,
  context,
  instructions: INSTRUCTIONS,
  maxOutputTokens: 1_024,
  memory: customer,
  tools: [
    findCustomer,
    listOrders,
    findOrder,
    findProduct,
    changeAddress,
    cancelOrder,
    refundOrAsk,
    createReturnLabel,
    giveCredit,
    escalate,
    sendEmail,
  ],
  rules: [
    ...[changeAddress, cancelOrder, refundOrAsk, createReturnLabel].map((tool) =>
      // An order that was looked up in this conversation, and no other.
      argumentFrom(tool, 'orderId', findOrder, ({ orderId }) => orderId),
    ),
    when(
      refundOrAsk,
      ({ orderId }, facts) => facts.returned(refundOrAsk).every(({ input }) => input.orderId !== orderId),
      'An order is refunded once.',
    ),
    when(
      createReturnLabel,
      ({ orderId, sku }, facts) =>
        facts.returned(createReturnLabel).every(({ input }) => input.orderId !== orderId || input.sku !== sku),
      'A product of an order has one label.',
    ),
    when(
      sendEmail,
      (_, facts) => facts.returned(sendEmail).length < facts.returned(refundOrAsk).length,
      'Each refund is confirmed by one mail.',
    ),
    when(
      escalate,
      ({ summary }, facts) => facts.returned(escalate).every(({ input }) => input.summary !== summary),
      'The same is passed to a person once.',
    ),
    atMost(giveCredit, 1),
  ],
  budget: { turns: 40 },
})
