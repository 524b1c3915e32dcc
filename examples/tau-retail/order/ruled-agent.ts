// The shop's written policy, as far as it is about what may come when, as rules.
import { afterAny, argumentFrom, defineAgent, type Facts, type Rule, when } from '@reprise/core'
import { shopTools } from '../agent.ts'
import { modifyOrderAddress, modifyUserAddress } from '../tools/by-key.ts'
import { exchangeItems, returnItems } from '../tools/delivered.ts'
import { findUserByEmail, findUserByName, getOrder, getProduct, getUser, listProducts } from '../tools/look-up.ts'
import { cancelOrder, modifyOrderItems, modifyOrderPayment } from '../tools/pending.ts'

/** "An order can only be modified if its status is 'pending', and you should check its status before taking the action." */
const ofPending = [cancelOrder, modifyOrderItems, modifyOrderPayment, modifyOrderAddress]
const ofDelivered = [returnItems, exchangeItems]

/** After one of these nothing more can be done with an order. */
const closing = [cancelOrder, modifyOrderItems, returnItems, exchangeItems]

/** "You have to authenticate the user identity": all of this comes after. */
const forSomebody = [getUser, getOrder, getProduct, listProducts, modifyUserAddress, ...ofPending, ...ofDelivered]

/** The policy, as rules. */
export const policyRules: readonly Rule[] = [
  ...forSomebody.map((tool) => afterAny(tool, findUserByEmail, findUserByName)),
  ...[getUser, modifyUserAddress].map((tool) =>
    when(
      tool,
      ({ user_id }, facts) => user_id === whoIsServed(facts),
      'One conversation serves one user: who was found first.',
    ),
  ),
  ...[...ofPending, ...ofDelivered].map((tool) => argumentFrom(tool, 'order_id', getOrder, ({ order_id }) => order_id)),
  ...ofPending.map((tool) =>
    when(tool, isOpen('pending'), 'The order must be pending, and of the user who is served.'),
  ),
  ...ofDelivered.map((tool) =>
    when(tool, isOpen('delivered'), 'The order must be delivered, and of the user who is served.'),
  ),
]

/** Defines the shop's agent by its written policy, which rules hold it to. "At most make one tool call at a time." */
export function ruledAgent(policy: string, rules = policyRules) {
  return defineAgent({
    name: 'shop',
    model: 'gpt-4.1-mini',
    instructions: policy,
    tools: shopTools,
    rules,
    parallelCalls: false,
  })
}

/** An agent of the shop under rules. */
export type RuledAgent = ReturnType<typeof ruledAgent>

function whoIsServed(facts: Facts): string | undefined {
  const found = [...facts.returned(findUserByEmail), ...facts.returned(findUserByName)]
  return found.toSorted((one, other) => one.seq - other.seq)[0]?.result
}

function isOpen(status: string) {
  return ({ order_id }: { readonly order_id: string }, facts: Facts): boolean => {
    const served = whoIsServed(facts)
    const isSeen = facts
      .returned(getOrder)
      .some(({ result }) => result.order_id === order_id && result.status === status && result.user_id === served)
    const isClosed = closing.some((tool) => facts.returned(tool).some(({ input }) => input.order_id === order_id))
    return isSeen && !isClosed
  }
}
