import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '../temp-folder.fixture.ts'
import { openShop } from './open.ts'

const request = { orderId: 'F-1002', amountUsd: 48, reason: 'damaged' } as const

it('a refund that is asked for again with its key pays nothing more and answers the same, in another process too', () => {
  const path = join(tempFolder(), 'shop.db')
  const asker = { customerId: 'c-ben', ticket: 't-1', key: 'k-1' }
  const before = openShop(path)
  const answer = before.payments.refund(asker, request)
  before.db.close()

  const { payments, db } = openShop(path)
  expect(payments.refund(asker, request)).toEqual(answer)
  expect(db.prepare('select order_id, cents, key from refunds').all()).toEqual([
    { order_id: 'F-1002', cents: 48_00, key: 'k-1' },
  ])
  expect(() => payments.refund({ ...asker, key: 'k-2' }, request)).toThrow(
    'Not refunded. Order F-1002 was refunded before.',
  )
  db.close()
})

it('what is refused leaves no key behind', () => {
  const { payments, keys, db } = openShop(join(tempFolder(), 'shop.db'))
  const asker = { customerId: 'c-ben', ticket: 't-1', key: 'k-1' }
  expect(() => payments.refund(asker, { ...request, amountUsd: 480 })).toThrow(
    'Not refunded. Order F-1002 was paid with $48.00, and $480.00 was asked.',
  )
  expect(keys.doneFor('t-1')).toEqual([])
  payments.refund(asker, request)
  expect(keys.doneFor('t-1')).toEqual(['refund_order'])
  db.close()
})

it.each([
  ['c-ada', request, 'This customer has no order "F-1002". Look at list_orders, or ask the customer for the number.'],
  [
    'c-carla',
    { orderId: 'F-1003', amountUsd: 420, reason: 'damaged' },
    'Not refunded. The desk refunds up to $150.00: escalate this one to a person.',
  ],
  [
    'c-elif',
    { orderId: 'F-1005', amountUsd: 149, reason: 'changed_mind' },
    'Not refunded. Order F-1005 was delivered more than 30 days ago: a change of mind comes too late.',
  ],
  ['c-ben', { ...request, reason: 'double_charge' }, 'Not refunded. Order F-1002 was charged once.'],
] as const)('the payment service keeps to the policy: %s, %j', (customerId, asked, complaint) => {
  const { payments, db } = openShop(join(tempFolder(), 'shop.db'))
  expect(() => payments.refund({ customerId, ticket: 't-1', key: 'k-1' }, asked)).toThrow(complaint)
  expect(db.prepare('select count(*) from refunds').pluck().get()).toBe(0)
  db.close()
})
