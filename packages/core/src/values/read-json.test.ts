import fc from 'fast-check'
import { expect, test } from 'vitest'
import { refuseWritten } from './read-json.ts'

function refused(text: string): string | undefined {
  return refuseWritten(text, JSON.parse(text))
}

const RULE = 'Where text is taken, write it in quotes; else write one that is no greater than 9007199254740991.'

test.each<[string, string, string]>([
  ['{"orderId":9007199254740993}', 'orderId', '9007199254740993'],
  ['{"a":[{"n":1},{"id":12345678901234567890}]}', 'a[1].id', '12345678901234567890'],
  ['-9007199254740993', 'The value', '-9007199254740993'],
  ['{"id":9007199254740993.0}', 'id', '9007199254740993.0'],
  ['{"id":9007199254740.993e3}', 'id', '9007199254740.993e3'],
  ['{"usd":12345678901234567.5}', 'usd', '12345678901234567.5'],
  ['{"n":1e999}', 'n', '1e999'],
  ['[-1E+400]', '[0]', '-1E+400'],
  ['{"a b":{"\\"":99999999999999999}}', 'a b."', '99999999999999999'],
  ['{"n":1,"m":[],"id":9007199254740993}', 'id', '9007199254740993'],
])('%s is refused at its place', (text, path, shown) => {
  expect(refused(text)).toBe(`${path} is ${shown}, a number that would be rounded here. ${RULE}`)
})

test.each([
  '{"id":9007199254740991}',
  '{"id":-9007199254740991}',
  '{"id":9007199254740992}', // exactly what it says
  '{"wei":1000000000000000000}',
  '{"id":"9007199254740993"}',
  '{"text":"the order 9007199254740993 and 1e999"}',
  '{"9007199254740993":1}',
  '0.1000000000000000055',
  '3.14159265358979323846',
  '-0',
  '1e21',
  '1e23',
  '1.5e300',
  '1e-400',
  '123456789012345.678901',
])('%s is taken', (text) => {
  expect(refused(text)).toBeUndefined()
})

test.each([
  ['{"to":"ann","to":"bob"}', 'to'],
  ['{"to":"ann","t\\u006f":"bob"}', 'to'],
  ['{"a":[{"b":1},{"b":1,"c":{},"b":2}]}', 'a[1].b'],
  ['{"":1,"":2}', 'The value'],
  ['{"__proto__":1,"x":{"__proto__":2},"__proto__":{}}', '__proto__'],
  ['{"a":{"x":1},"a":{"y":1}}', 'a'],
  ['{"a":1,"b":"{\\"a\\":1}","a":1}', 'a'],
])('%s is refused, as a key stands there twice', (text, path) => {
  expect(refused(text)).toBe(`${path} stands there twice. Write each key once.`)
})

test.each([
  '{"a":{"x":1},"x":{"a":1}}',
  '[{"a":1},{"a":1}]',
  '{"a":"b","b":"a"}',
  '{"a":"a\\":1,\\"a"}',
  '{"a":1,"A":2}',
])('%s is taken, as no key stands twice in one object', (text) => {
  expect(refused(text)).toBeUndefined()
})

test('a number that is written at length is shown by its beginning', () => {
  expect(refused('9'.repeat(5_000))?.length).toBeLessThan(250)
})

test('what nests too deep is refused by its path, and what does not is taken', () => {
  const nested = (levels: number): string => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
  expect(refused(nested(199))).toBeUndefined()
  expect(refused(nested(200))).toMatch(/^a\[0\].*… is nested more than 200 levels deep\. Write it flatter\.$/)
  expect(refused(nested(100_000))).toMatch(/is nested more than 200 levels deep/)
})

test('what a program writes of numbers that it has is taken', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => {
      fc.pre(Math.abs(n) < 2 ** 53 || JSON.stringify(n).includes('e'))
      expect(refused(JSON.stringify({ n }))).toBeUndefined()
    }),
  )
})

test('a whole number is refused just where it would be another', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), (n) => {
      expect(refused(`{"n":${n}}`) === undefined).toBe(BigInt(Number(n)) === n)
    }),
  )
})
