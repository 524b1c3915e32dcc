// They change nothing, so they may run again.
import { defineTool } from '@reprise/core'
import { z } from 'zod'
import type { ShopCall } from '../shop/shop.ts'
import { orderId, userId } from './inputs.ts'

/** Finds who writes, by mail. */
export const findUserByEmail = defineTool({
  name: 'find_user_id_by_email',
  description: 'Finds the id of a user by their email address.',
  input: z.object({ email: z.string() }),
  effect: 'read',
  execute: ({ email }, { services }: ShopCall) => services.shop.rows.userIdByEmail(email),
})

/** Finds who writes, by name and place. */
export const findUserByName = defineTool({
  name: 'find_user_id_by_name_zip',
  description: 'Finds the id of a user by name and zip code, where the email address is not known or finds nobody.',
  input: z.object({ first_name: z.string(), last_name: z.string(), zip: z.string() }),
  effect: 'read',
  execute: ({ first_name, last_name, zip }, { services }: ShopCall) =>
    services.shop.rows.userIdByName(first_name, last_name, zip),
})

/** Shows a user. */
export const getUser = defineTool({
  name: 'get_user_details',
  description: 'Gives the address, the payment methods and the orders of a user.',
  input: z.object({ user_id: userId }),
  effect: 'read',
  execute: ({ user_id }, { services }: ShopCall) => services.shop.rows.user(user_id),
})

/** Shows an order. */
export const getOrder = defineTool({
  name: 'get_order_details',
  description: 'Gives the items, the status and the payments of an order.',
  input: z.object({ order_id: orderId }),
  effect: 'read',
  execute: ({ order_id }, { services }: ShopCall) => services.shop.rows.order(order_id),
})

/** Shows a product. */
export const getProduct = defineTool({
  name: 'get_product_details',
  description: 'Gives all variants of a product, with their prices and whether they are to be had.',
  input: z.object({ product_id: z.string().describe('Such as 6086499569: not the id of an item.') }),
  effect: 'read',
  execute: ({ product_id }, { services }: ShopCall) => services.shop.rows.product(product_id),
})

/** Shows what there is. */
export const listProducts = defineTool({
  name: 'list_all_product_types',
  description: 'Lists the names and the ids of all products.',
  input: z.object({}),
  effect: 'read',
  execute: (_, { services }: ShopCall) => services.shop.rows.productIds(),
})
