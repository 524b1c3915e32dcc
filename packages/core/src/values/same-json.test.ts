import { expect, test } from 'vitest'
import { sameJson } from './same-json.ts'

test('plain JSON is the same whatever the order of its keys, without undefined members', () => {
  expect(
    sameJson({ a: [1, 'x', null, true], b: { c: -0 } }, { b: { c: 0, d: undefined }, a: [1, 'x', null, true] }),
  ).toBe(true)
  expect(sameJson(Object.create(null), {})).toBe(true)
})

test.each([
  [{ a: 1 }, { a: '1' }],
  [{ a: 1 }, { a: 1, b: null }],
  [
    [1, 2],
    [2, 1],
  ],
  [[], {}],
  [{}, null],
  [JSON.parse('{"__proto__":1}'), {}],
])('%j and %j are not the same', (one: unknown, other: unknown) => {
  expect([sameJson(one, other), sameJson(other, one)]).toEqual([false, false])
})

class Order {
  id = 1
}

test('what is no plain JSON is the same as nothing, itself among it', () => {
  for (const odd of [Number.NaN, 1n, undefined, new Date(0), new Map(), () => 1, new Order()])
    expect([sameJson(odd, odd), sameJson({ a: [odd] }, { a: [odd] })]).toEqual([false, false])
})
