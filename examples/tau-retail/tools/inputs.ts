// What the tools are given, as the model reads it.
import { z } from 'zod'

export const orderId = z.string().describe('Such as #W0000000, with the # in front.')
export const userId = z.string().describe('Such as sara_doe_496.')
export const paymentMethodId = z.string().describe('Such as gift_card_0000000, from the user or the order.')
export const itemIds = z.array(z.string()).describe('Ids of items of the order. One that is meant twice stands twice.')
export const newItemIds = z
  .array(z.string())
  .describe('For each item, in the same place, the id of another variant of its product.')

/** The parts of an address. */
export const address = {
  address1: z.string().describe('Such as 123 Main St.'),
  address2: z.string().describe('Such as Apt 1, or empty.'),
  city: z.string(),
  state: z.string().describe('Such as CA.'),
  country: z.string().describe('Such as USA.'),
  zip: z.string(),
}
