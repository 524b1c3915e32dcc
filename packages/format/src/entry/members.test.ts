import fc from 'fast-check'
import { expect, test } from 'vitest'
import { longMembers } from './members.ts'

const found = (text: string, least: number): string[] =>
  longMembers(text, least).map(([start, end]) => text.slice(start, end))

test('the long values of an object are found where they stand, and nothing inside them', () => {
  const text = '{"a":1,"long":{"b":"0123456789","}":[]},"short":"01234567","list":[1,[2],"]{,:"]}'

  expect(found(text, 12)).toEqual(['{"b":"0123456789","}":[]}', '[1,[2],"]{,:"]'])
  expect(found(text, 10)).toContain('"01234567"')
})

test('quotes and backslashes in texts end nothing early', () => {
  expect(found(String.raw`{"a\"":"x\\\"},","b\\":"y\\"}`, 1)).toEqual([String.raw`"x\\\"},"`, String.raw`"y\\"`])
})

test.each(['', '[]', '[{"a":"0123456789"}]', '"0123456789"', '12345678901', '{}'])('in %j there are none', (text) => {
  expect(longMembers(text, 1)).toEqual([])
})

test('of any object all values are found, in their order', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      expect(found(JSON.stringify(object), 0)).toEqual(Object.values(object).map((value) => JSON.stringify(value)))
    }),
  )
})
