import { defineAgent } from '@reprise/core'
import { modifyOrderAddress, modifyUserAddress, transferToHuman } from './tools/by-key.ts'
import { exchangeItems, returnItems } from './tools/delivered.ts'
import { findUserByEmail, findUserByName, getOrder, getProduct, getUser, listProducts } from './tools/look-up.ts'
import { cancelOrder, modifyOrderItems, modifyOrderPayment } from './tools/pending.ts'
import { calculateTool, think } from './tools/reckon.ts'

/** All that an agent of the shop can do. */
export const shopTools = [
  findUserByEmail,
  findUserByName,
  getUser,
  getOrder,
  getProduct,
  listProducts,
  calculateTool,
  think,
  modifyUserAddress,
  modifyOrderAddress,
  transferToHuman,
  cancelOrder,
  modifyOrderItems,
  modifyOrderPayment,
  returnItems,
  exchangeItems,
] as const

/** The shop's agent. */
export type ShopAgent = ReturnType<typeof shopAgent>

/** Defines the shop's agent by the shop's written policy. */
export function shopAgent(policy: string) {
  return defineAgent({
    name: 'shop',
    model: 'gpt-4.1-mini',
    instructions: policy,
    tools: shopTools,
  })
}
