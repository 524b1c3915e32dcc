import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyJson, findTooDeep, findUnjson, MOST_LEVELS } from './json.ts'

class Money {
  readonly cents = 5
}

function circle(): unknown {
  const order: Record<string, unknown> = { lines: [{}] }
  order['lines'] = [{ order }]
  return order
}

test.each<[string, unknown, string, string]>([
  ['undefined', undefined, '', 'undefined'],
  ['a function', () => 1, '', 'a function'],
  ['a symbol', Symbol('s'), '', 'a symbol'],
  ['a bigint', 1n, '', 'a bigint'],
  ['NaN', Number.NaN, '', 'NaN'],
  ['an infinity', { total: -Infinity }, '.total', '-Infinity'],
  ['undefined in a list', { items: [1, undefined] }, '.items[1]', 'undefined'],
  // oxlint-disable-next-line no-sparse-arrays -- the hole is the case.
  ['a hole in a list', [1, , 3], '[1]', 'undefined'],
  ['a map', { items: [{}, {}, { when: new Map() }] }, '.items[2].when', 'a Map'],
  ['a set', [new Set([1])], '[0]', 'a Set'],
  ['an instance of a class', { price: new Money() }, '.price', 'a Money'],
  ['bytes', { file: new Uint8Array(2) }, '.file', 'a Uint8Array'],
  ['a circle', circle(), '.lines[0].order', 'a circle'],
  ['what toJSON gives', { at: { toJSON: () => ({ n: 1n }) } }, '.at.n', 'a bigint'],
])('%s is found by its path', (_, value, path, found) => {
  expect(findUnjson(value)).toEqual({ path, found })
})

test('an object whose class has no name is found too', () => {
  expect(findUnjson({ row: Object.create(Object.create(null) as object) })).toMatchObject({ path: '.row' })
})

test('the first of several places is named', () => {
  expect(findUnjson({ a: 1, b: [1n], c: 2n })).toEqual({ path: '.b[0]', found: 'a bigint' })
})

test.each<[string, unknown]>([
  ['an absent member', { a: undefined }],
  ['a date', { at: new Date(0) }],
  ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
  ['one object in two places', ((shared) => [shared, { shared }])({ a: 1 })],
])('%s is no loss', (_, value) => {
  expect(findUnjson(value)).toBeUndefined()
})

test('what nothing is found in comes back from JSON as it was', () => {
  const kinds = [fc.string(), fc.boolean(), fc.double().map((n) => n || 0), fc.constant(undefined), fc.bigInt()]
  const values = fc.anything({ values: kinds, withMap: true, withSet: true, withNullPrototype: true, maxDepth: 4 })
  fc.assert(
    fc.property(values, (value) => {
      fc.pre(findUnjson(value) === undefined)
      expect(JSON.parse(JSON.stringify(value))).toEqual(value)
    }),
  )
})

test('nothing is found in what JSON can say', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(findUnjson(value)).toBeUndefined()
    }),
  )
})

test('a copy is what a trip through JSON gives', () => {
  const kinds = [fc.string(), fc.boolean(), fc.double(), fc.date({ noInvalidDate: true }), fc.constant(undefined)]
  const values = fc.anything({ values: kinds, key: fc.string(), withNullPrototype: true, withSparseArray: true })
  fc.assert(
    fc.property(values, (value) => {
      expect(copyJson({ value })).toStrictEqual(JSON.parse(JSON.stringify({ value })))
    }),
  )
})

test.each<[string, unknown]>([
  ['a member named __proto__', JSON.parse('{"__proto__":{"a":1},"b":2}')],
  ['a function in a list', [() => 1, Symbol('s')]],
  ['what is no number', { a: Number.NaN, b: [Infinity] }],
  ['an instance of a class', { price: new Money() }],
  ['what says itself', { at: { toJSON: () => ({ n: undefined, d: new Date(0) }) } }],
  ['a part of a text', 'a page of which a part is cut out'.slice(3, 25)],
])('a copy of %s is what a trip through JSON gives', (_, value) => {
  const copy = copyJson(value)
  expect(copy).toStrictEqual(JSON.parse(JSON.stringify(value)))
  expect(JSON.stringify(copy)).toBe(JSON.stringify(value))
})

test('a copy shares nothing with what it is of', () => {
  const value = { lines: [{ sku: 'a' }] }
  const copy = copyJson(value)
  value.lines[0] = { sku: 'b' }
  expect(copy).toEqual({ lines: [{ sku: 'a' }] })
})

test('a copy of a part of a text does not keep the whole text in memory', { tags: 'slow' }, () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const before = process.memoryUsage().heapUsed
  const copies = Array.from({ length: 50 }, (_, nth) => copyJson(`page ${nth} `.repeat(100_000).slice(0, 100)))
  collect()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000)
  expect(copies).toHaveLength(50)
})

function nested(levels: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

test('what nests deeper than is kept is found by its path, however deep it is', () => {
  expect(findUnjson(nested(MOST_LEVELS))).toBeUndefined()
  const found = {
    path: expect.stringMatching(/^(\.a\[0\]){24}…$/) as string,
    found: 'nested more than 200 levels deep',
  }
  expect(findUnjson(nested(MOST_LEVELS + 2))).toEqual(found)
  expect(findUnjson(nested(100_000))).toEqual(found)
  expect(findTooDeep(nested(MOST_LEVELS))).toBeUndefined()
  expect(findTooDeep(nested(100_000))).toEqual(found)
})

test('what throws when it is read is found', () => {
  const throws = (): never => {
    throw new Error('no')
  }
  expect(findUnjson({ a: [{ toJSON: throws }] })).toEqual({
    path: '.a[0]',
    found: 'an object that throws when it is read',
  })
  expect(findUnjson(new Proxy({}, { ownKeys: throws }))).toMatchObject({ path: '' })
  expect(findTooDeep(new Proxy({}, { ownKeys: throws }))).toBeUndefined()
})

test('a copy of what nests too deep has a mark there, and the digits of a bigint', () => {
  expect(JSON.stringify(copyJson(nested(100_000)))).toContain('"[too deep]"')
  expect(copyJson({ n: [5n] })).toEqual({ n: ['5'] })
})
