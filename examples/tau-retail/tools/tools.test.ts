// What the recorded tasks do not come to, in a shop of its own.
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Action, Task } from '../data.ts'
import type { Order, Tables } from '../shop/types.ts'
import { Trials } from '../trial/trials.ts'

const address = { address1: '1 Quay', address2: '', city: 'Hull', state: 'YK', country: 'UK', zip: '1' }
const elsewhere = { ...address, address1: '2 Quay' }
const cup = { name: 'Cup', product_id: 'p1', item_id: 'small', price: 5, options: { size: 'S' } }
const paid = { transaction_type: 'payment', amount: 10, payment_method_id: 'card' } as const
const pending = orderOf('#P', 'pending')
const delivered = orderOf('#D', 'delivered')
const ann = {
  name: { first_name: 'Ann', last_name: 'Lee' },
  address,
  email: 'ann@example.com',
  payment_methods: {
    card: { source: 'credit_card', id: 'card' },
    gift: { source: 'gift_card', id: 'gift', balance: 8 },
    other: { source: 'paypal', id: 'other' },
  },
  orders: ['#P', '#D'],
}
const tables: Tables = {
  users: { ann },
  orders: { '#P': pending, '#D': delivered },
  products: {
    p1: {
      name: 'Cup',
      product_id: 'p1',
      variants: {
        small: { item_id: 'small', options: { size: 'S' }, available: true, price: 5 },
        large: { item_id: 'large', options: { size: 'L' }, available: true, price: 9.5 },
        gone: { item_id: 'gone', options: { size: 'M' }, available: false, price: 7 },
      },
    },
  },
}

let trials: Trials
beforeAll(async () => {
  trials = await Trials.open('Be kind.', tables)
})
afterAll(() => trials.close())

const swap = { order_id: '#P', item_ids: ['small'], new_item_ids: ['large'], payment_method_id: 'gift' }

it.each([
  ['cancel_pending_order', { order_id: '#D', reason: 'no longer needed' }, 'non-pending order cannot be cancelled'],
  ['modify_pending_order_address', { order_id: '#D', ...elsewhere }, 'non-pending order cannot be modified'],
  ['modify_user_address', { user_id: 'bob', ...elsewhere }, 'user not found'],
  ['modify_pending_order_items', { ...swap, item_ids: ['tiny'] }, 'tiny not found'],
  ['modify_pending_order_items', { ...swap, item_ids: ['small', 'small', 'small'] }, 'small not found'],
  ['modify_pending_order_items', { ...swap, new_item_ids: [] }, 'the number of items to be exchanged should match'],
  ['modify_pending_order_items', { ...swap, new_item_ids: ['gone'] }, 'new item gone not found or available'],
  ['modify_pending_order_items', { ...swap, payment_method_id: 'cash' }, 'payment method not found'],
  [
    'modify_pending_order_items',
    { ...swap, item_ids: ['small', 'small'], new_item_ids: ['large', 'large'] },
    'insufficient gift card balance to pay for the price difference',
  ],
  [
    'modify_pending_order_payment',
    { order_id: '#P', payment_method_id: 'card' },
    'the new payment method should be different from the current one',
  ],
  [
    'modify_pending_order_payment',
    { order_id: '#P', payment_method_id: 'gift' },
    'insufficient gift card balance to pay for the order',
  ],
  [
    'return_delivered_order_items',
    { order_id: '#P', item_ids: ['small'], payment_method_id: 'card' },
    'non-delivered order cannot be returned',
  ],
  [
    'return_delivered_order_items',
    { order_id: '#D', item_ids: ['large'], payment_method_id: 'card' },
    'large not found',
  ],
])('%s of %j is refused: %s', async (name, kwargs, why) => {
  expect(await wrongWith([{ name, kwargs, result: `Error: ${why}` }], {})).toEqual([])
})

it('a thought is heard, and changes nothing', async () => {
  expect(await wrongWith([{ name: 'think', kwargs: { thought: 'Hm.' }, result: '' }], {})).toEqual([])
})

it('an item is changed once, and a gift card pays the difference', async () => {
  const swapped = {
    ...pending,
    items: [{ ...cup, item_id: 'large', price: 9.5, options: { size: 'L' } }, cup],
    status: 'pending (item modified)',
    payment_history: [paid, { ...paid, amount: 4.5, payment_method_id: 'gift' }],
  }
  const actions = [
    { name: 'modify_pending_order_items', kwargs: swap, result: JSON.stringify(swapped) },
    { name: 'modify_pending_order_items', kwargs: swap, result: 'Error: non-pending order cannot be modified' },
  ]
  expect(await wrongWith(actions, { users: { ann: annWith(3.5) }, orders: { '#P': swapped } })).toEqual([])
})

it('a cancelled order goes back to each payment method, a gift card at once', async () => {
  const refund = { ...paid, transaction_type: 'refund' } as const
  const toGift = { payment_method_id: 'gift', amount: 4 }
  const payments = [paid, { ...paid, ...toGift }]
  const before = { ...tables, orders: { '#P': { ...pending, payment_history: payments } } }
  const cancelled = {
    ...pending,
    status: 'cancelled',
    payment_history: [...payments, refund, { ...refund, ...toGift }],
    cancel_reason: 'ordered by mistake',
  }
  const kwargs = { order_id: '#P', reason: 'ordered by mistake' }
  const actions = [{ name: 'cancel_pending_order', kwargs, result: JSON.stringify(cancelled) }]
  const changed = { users: { ann: annWith(12) }, orders: { '#P': cancelled } }
  const shop = await Trials.open('Be kind.', before)
  onTestFinished(() => shop.close())
  expect((await shop.undisturbed(taskOf(actions, changed))).wrong).toEqual([])
})

async function wrongWith(actions: readonly Action[], changed: Task['changed']): Promise<string[]> {
  return (await trials.undisturbed(taskOf(actions, changed))).wrong
}

function taskOf(actions: readonly Action[], changed: Task['changed']): Task {
  return { task: 1, user_id: 'ann', instruction: 'Help.', actions, outputs: [], changed }
}

function annWith(balance: number): unknown {
  return { ...ann, payment_methods: { ...ann.payment_methods, gift: { ...ann.payment_methods.gift, balance } } }
}

function orderOf(order_id: string, status: string): Order {
  return { order_id, user_id: 'ann', address, items: [cup, cup], status, payment_history: [paid] }
}
