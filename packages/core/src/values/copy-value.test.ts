import { expect, test } from 'vitest'
import { copyValue } from './copy-value.ts'

class Order {
  id = 1
}

test('a copy of what a schema may make is equal, and shares nothing', () => {
  const value = {
    at: new Date(5),
    pairs: new Map([['a', { n: 1n }]]),
    set: new Set([1]),
    bytes: new Uint8Array([1]),
    none: undefined,
  }
  const copy = copyValue(value)?.value as typeof value
  expect(copy).toEqual(value)
  copy.pairs.clear()
  copy.at.setTime(9)
  copy.bytes[0] = 2
  expect([value.pairs.size, value.at.getTime(), value.bytes[0]]).toEqual([1, 5, 1])
})

test('of what belongs to a class or to code no copy is made', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  for (const odd of [new Order(), () => 1, Symbol('x'), /x/, circle])
    expect([copyValue(odd), copyValue({ a: [odd] })]).toEqual([undefined, undefined])
})
