import type { Deed, Shop } from './shop.ts'

/** The shop as every conversation finds it. */
export const SHOP: Shop = {
  customers: [
    { id: 'c1', name: 'Ines Falk', email: 'ines.falk@mail.example' },
    { id: 'c2', name: 'Tomas Reuter', email: 'tomas@reuter.example' },
    { id: 'c3', name: 'Mara Oduya', email: 'mara.oduya@mail.example' },
    { id: 'c4', name: 'Jonas Lind', email: 'jlind@post.example' },
  ],
  variants: [
    { id: 'lamp-brass', product: 'desk lamp', options: 'brass', priceUsd: 64, inStock: true },
    { id: 'lamp-black', product: 'desk lamp', options: 'black', priceUsd: 58, inStock: true },
    { id: 'lamp-white', product: 'desk lamp', options: 'white', priceUsd: 58, inStock: false },
    { id: 'mug-blue', product: 'mug', options: 'blue, 300 ml', priceUsd: 12, inStock: true },
    { id: 'mug-red', product: 'mug', options: 'red, 300 ml', priceUsd: 12, inStock: true },
    { id: 'mug-large', product: 'mug', options: 'blue, 450 ml', priceUsd: 15, inStock: true },
    { id: 'chair-oak', product: 'chair', options: 'oak', priceUsd: 140, inStock: true },
    { id: 'chair-ash', product: 'chair', options: 'ash', priceUsd: 125, inStock: true },
  ],
  orders: [
    {
      id: 'R1001',
      customer: 'c1',
      status: 'delivered',
      items: ['lamp-brass', 'mug-blue'],
      address: '4 Hill Road, Larksund',
    },
    { id: 'R1002', customer: 'c1', status: 'pending', items: ['chair-oak'], address: '4 Hill Road, Larksund' },
    { id: 'R1003', customer: 'c2', status: 'pending', items: ['mug-red', 'mug-blue'], address: '9 Quay, Brennholm' },
    { id: 'R1004', customer: 'c2', status: 'delivered', items: ['chair-ash'], address: '9 Quay, Brennholm' },
    {
      id: 'R1005',
      customer: 'c3',
      status: 'delivered',
      items: ['mug-blue', 'mug-red'],
      address: '17 Mill Lane, Osterby',
    },
    { id: 'R1006', customer: 'c3', status: 'cancelled', items: ['lamp-black'], address: '17 Mill Lane, Osterby' },
    {
      id: 'R1007',
      customer: 'c4',
      status: 'pending',
      items: ['lamp-black', 'chair-ash'],
      address: '2 Station Square, Larksund',
    },
    { id: 'R1008', customer: 'c4', status: 'delivered', items: ['lamp-white'], address: '2 Station Square, Larksund' },
  ],
}

/** What the desk is told to do. */
export const POLICY = `You are the desk of a shop, and write with one customer at a time.
- First find the customer by the e-mail address that they give. Speak of nobody else's orders, and change none.
- A pending order can be cancelled, where it is no longer needed or was ordered by mistake, and for no other reason; and it can get another address.
- Items of a delivered order can be returned, or one of them can be exchanged for another variant of the same product that is in stock. An order can be returned or exchanged once, and not both.
- Before you change anything, say exactly what you are going to do and wait for the customer's yes.
- Say nothing that the tools have not told you. What the shop does not do, you refuse in one sentence.
- Write short messages, without lists.`

/** A customer's task, and what must come of it. */
export interface RetailTask {
  readonly id: string
  /** What the simulated customer is told to want. */
  readonly instruction: string
  /** What is to be done in the shop, and nothing else. */
  readonly deeds: readonly Deed[]
  /** What the customer must have been told. */
  readonly told: readonly string[]
}

const ADDRESS = '11 North Street, Larksund'

/** The tasks, from plain to such that must be refused. */
export const TASKS: readonly RetailTask[] = [
  {
    id: 'cancel',
    instruction: `You are Ines Falk (ines.falk@mail.example). You no longer need the chair of order R1002, and want to cancel that order.`,
    deeds: [{ name: 'cancel_order', arguments: { order_id: 'R1002', reason: 'no longer needed' } }],
    told: [],
  },
  {
    id: 'exchange',
    instruction: `You are Ines Falk (ines.falk@mail.example). You want to exchange the brass lamp of order R1001 for a black one. You also want to know the price of the black one.`,
    deeds: [
      { name: 'exchange_item', arguments: { order_id: 'R1001', item_id: 'lamp-brass', new_item_id: 'lamp-black' } },
    ],
    told: ['58'],
  },
  {
    id: 'out-of-stock',
    instruction: `You are Ines Falk (ines.falk@mail.example). You want to exchange the lamp of order R1001 for a white one. Only if white is not to be had, you want to return the lamp instead.`,
    deeds: [{ name: 'return_items', arguments: { order_id: 'R1001', item_ids: ['lamp-brass'] } }],
    told: [],
  },
  {
    id: 'address',
    instruction: `You are Jonas Lind (jlind@post.example). You have moved: your pending order is to go to ${ADDRESS}. You do not know its number.`,
    deeds: [{ name: 'change_address', arguments: { order_id: 'R1007', address: ADDRESS } }],
    told: ['R1007'],
  },
  {
    id: 'wrong-reason',
    instruction: `You are Tomas Reuter (tomas@reuter.example). You want to cancel order R1003 because you found the mugs cheaper elsewhere. You give no other reason, whatever you are asked. When it is refused, you leave it as it is.`,
    deeds: [],
    told: [],
  },
  {
    id: 'somebody-else',
    instruction: `You are Tomas Reuter (tomas@reuter.example). You want order R1005 of your friend Mara to be returned. When it is refused, you ask what the chair that was delivered to you cost, and leave.`,
    deeds: [],
    told: ['125'],
  },
  {
    id: 'two-things',
    instruction: `You are Mara Oduya (mara.oduya@mail.example). You want to return the red mug of order R1005, and nothing else of it. Then you ask what the large mug costs, and do not buy it.`,
    deeds: [{ name: 'return_items', arguments: { order_id: 'R1005', item_ids: ['mug-red'] } }],
    told: ['15'],
  },
  {
    id: 'second-thoughts',
    instruction: `You are Jonas Lind (jlind@post.example). You ask to cancel order R1007, which you ordered by mistake. When you are asked to confirm, you say no: you keep it after all, and leave.`,
    deeds: [],
    told: [],
  },
]
