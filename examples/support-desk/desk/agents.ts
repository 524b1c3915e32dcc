import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, atMost, defineAgent, defineTeam } from '@reprise/core'
import { z } from 'zod'
import { Resolution } from './resolution.ts'
import { cancelOrder, changeAddress } from './tools/change-order.ts'
import { createReturnLabel, giveCredit, refundOrder } from './tools/give-back.ts'
import { findCustomer, findOrder, findProduct, listOrders } from './tools/look-up.ts'
import { escalate, sendEmail } from './tools/tell.ts'

/** The model that answers tickets. */
export const MODEL = process.env['REPRISE_MODEL'] || 'gpt-4.1-mini'

/** What the desk goes by, as the model reads it. */
export const policy = readFileSync(join(import.meta.dirname, 'policy.md'), 'utf8')
/** Whose ticket it is: out of the model's reach. */
export const context = z.object({ customerId: z.string() })

/** The same for every ticket, so that the model's prompt cache serves all of them. */
function instructions(role: string): string {
  return `${role}\n\nWork until the ticket is done: use the tools rather than guess, and think before each call and after its result.\n\n${policy}`
}

const common = { model: MODEL, context, output: Resolution, maxOutputTokens: 1_024 }
const aboutTelling = [atMost(escalate, 1), atMost(sendEmail, 1)]

const triage = defineAgent({
  ...common,
  name: 'triage',
  instructions: instructions(
    'You are the first at the support desk of Fernhill Outfitters. Answer questions about products yourself. ' +
      'Hand tickets about late parcels, addresses and cancelling over to orders, and tickets about damage, returns and money back to returns.',
  ),
  tools: [findCustomer, listOrders, findProduct, escalate, sendEmail],
  rules: aboutTelling,
})

const orders = defineAgent({
  ...common,
  name: 'orders',
  instructions: instructions(
    'You look after orders on their way at the support desk of Fernhill Outfitters: late parcels, addresses, cancelling, goodwill. ' +
      'Hand over to returns what is about damage, returns or money back.',
  ),
  tools: [findCustomer, listOrders, findOrder, changeAddress, cancelOrder, giveCredit, escalate, sendEmail],
  rules: [
    after(changeAddress, findOrder),
    after(cancelOrder, findOrder),
    after(giveCredit, findOrder),
    atMost(changeAddress, 1),
    atMost(cancelOrder, 1),
    atMost(giveCredit, 1),
    ...aboutTelling,
  ],
})

const returns = defineAgent({
  ...common,
  name: 'returns',
  instructions: instructions(
    'You look after damage, returns and money back at the support desk of Fernhill Outfitters. ' +
      'Hand over to orders what is about late parcels, addresses or cancelling.',
  ),
  tools: [findCustomer, listOrders, findOrder, refundOrder, createReturnLabel, giveCredit, escalate, sendEmail],
  rules: [
    after(refundOrder, findOrder),
    after(createReturnLabel, findOrder),
    after(giveCredit, findOrder),
    atMost(refundOrder, 1),
    atMost(createReturnLabel, 1),
    atMost(giveCredit, 1),
    ...aboutTelling,
  ],
})

/** The support desk: one run a ticket, whichever of the three holds it. */
export const desk = defineTeam({
  name: 'desk',
  entry: triage,
  handoffs: [
    [triage, [orders, returns]],
    [orders, [returns, triage]],
    [returns, [orders, triage]],
  ],
  budget: { turns: 40 },
})
