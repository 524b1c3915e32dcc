import { expect, test } from 'vitest'
import { sortedJson } from './sorted-json.ts'

test('values that differ by the order of their keys alone are said alike, and undefined members are not said', () => {
  const one = { b: [{ d: 1, c: null }], a: 'x', e: undefined }
  expect(sortedJson(one)).toBe('{"a":"x","b":[{"c":null,"d":1}]}')
  expect(sortedJson({ a: 'x', b: [{ c: null, d: 1 }] })).toBe(sortedJson(one))
})

test('the order of a list counts, and no key is lost', () => {
  expect(sortedJson([2, 1])).toBe('[2,1]')
  expect(sortedJson(JSON.parse('{"__proto__":1,"B":2,"a":3}'))).toBe('{"B":2,"__proto__":1,"a":3}')
})
