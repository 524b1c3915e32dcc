import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { copyJson, findUnjson, MOST_LEVELS } from './json.ts'
import { toJson } from './to-json.ts'

class Refund {
  readonly id = 7n
  readonly when = new Date(0)
}

class Price {
  readonly cents = 5
  toJSON(): unknown {
    return { usd: this.cents / 100 }
  }
}

const throws = (): never => {
  throw new Error('not now')
}

function circle(): unknown {
  const order: Record<string, unknown> = { id: 1 }
  return Object.assign(order, { self: order })
}

function nested(levels: number): unknown {
  let value: unknown = 'end'
  for (let level = 0; level < levels; level++) value = [value]
  return value
}

test.each<[string, unknown, unknown, readonly string[]]>([
  ['a bigint is its digits', { id: 77n }, { id: '77' }, ['.id is a bigint']],
  ['what is no number is null', [Number.NaN, -Infinity], [null, null], ['[0] is NaN', '[1] is -Infinity']],
  ['undefined in a list is null', [1, undefined], [1, null], ['[1] is undefined']],
  ['an absent member stays absent', { a: undefined }, {}, []],
  ['nothing at all is null', undefined, null, []],
  ['a date is its text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }, []],
  ['a date of no day is null', new Date(Number.NaN), null, [' is an invalid date']],
  ['a map by text is an object', new Map([['a', 1n]]), { a: '1' }, [' is a Map', '.a is a bigint']],
  ['any other map is a list of pairs', new Map([[1, 'a']]), [[1, 'a']], [' is a Map']],
  ['a set is a list', { tags: new Set(['a']) }, { tags: ['a'] }, ['.tags is a Set']],
  ['bytes are base64', Buffer.from('hello'), 'aGVsbG8=', [' is a Buffer']],
  ['a part of a buffer is that part', new Uint8Array([0, 1, 2]).subarray(1), 'AQI=', [' is a Uint8Array']],
  ['many bytes are their number', new ArrayBuffer(2_000_000), '[2000000 bytes]', [' is a ArrayBuffer']],
  [
    'an instance of a class is its own members',
    new Refund(),
    { id: '7', when: '1970-01-01T00:00:00.000Z' },
    [' is a Refund', '.id is a bigint'],
  ],
  ['what says itself is what it says', { price: new Price() }, { price: { usd: 0.05 } }, []],
  [
    'what fails to say itself is its members',
    { toJSON: throws, a: 1 },
    { a: 1 },
    [' is an object that throws when it is read', '.toJSON is a function'],
  ],
  [
    'an error is its name, its words and its members',
    Object.assign(new TypeError('no'), { code: 7 }),
    {
      name: 'TypeError',
      message: 'no',
      code: 7,
    },
    [' is a TypeError'],
  ],
  ['a circle is a mark', circle(), { id: 1, self: '[circle]' }, ['.self is a circle']],
  [
    'a getter that throws is absent',
    Object.defineProperty({ a: 1 }, 'b', { enumerable: true, get: throws }),
    { a: 1 },
    ['.b is a getter that throws'],
  ],
  [
    'a proxy that throws is a mark',
    [new Proxy({}, { ownKeys: throws })],
    ['[unreadable]'],
    ['[0] is an object that throws when it is read'],
  ],
  ['a function and a symbol are absent', { f: throws, s: Symbol('s') }, {}, ['.f is a function', '.s is a symbol']],
  ['a boxed value is what is in the box', { n: Object(5) as unknown }, { n: 5 }, []],
  ['an expression is its text', /a+/g, '/a+/g', [' is a RegExp']],
  ['a member named __proto__ is one', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}'), []],
  ['an object of another realm is an object', runInNewContext('({ a: [1] })'), { a: [1] }, []],
])('%s', (_, value, json, lost) => {
  const said = toJson(value)
  expect(said.json).toStrictEqual(json)
  expect(said.lost.map(({ path, found }) => `${path} is ${found}`)).toEqual(lost)
  expect(said.more).toBe(0)
})

test('what is too deep is a mark, and no stack is too small for it', () => {
  expect(toJson(nested(MOST_LEVELS)).lost).toEqual([])
  const { json, lost } = toJson(nested(100_000))
  expect(JSON.stringify(json)).toContain('"[too deep]"')
  expect(lost).toEqual([{ path: `${'[0]'.repeat(40)}…`, found: 'nested more than 200 levels deep' }])
})

test('of many places the first are named, and the others counted', () => {
  const { json, lost, more } = toJson(Array.from({ length: 1_000 }, (_, nth) => BigInt(nth)))
  expect(json).toHaveLength(1_000)
  expect([lost.length, lost.at(-1)?.path, more]).toEqual([20, '[19]', 980])
})

test('a value in which everything stands twice comes to an end', { tags: 'slow' }, () => {
  let twice: object = {}
  for (let level = 0; level < 100; level++) twice = [twice, twice]
  const { lost, more } = toJson(twice)
  expect(lost[0]?.found).toBe('beyond 1000000 parts')
  expect(more).toBeGreaterThan(0)
})

test('what JSON can say is what a trip through it gives, and a value of any kind is said', () => {
  const kinds = [fc.string(), fc.boolean(), fc.double(), fc.constant(undefined), fc.bigInt(), fc.date()]
  const values = fc.anything({
    values: kinds,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  })
  fc.assert(
    fc.property(values, (value) => {
      const { json, lost } = toJson(value)
      expect(findUnjson(json)).toBeUndefined()
      if (lost.length === 0) expect(copyJson(json)).toStrictEqual(JSON.parse(JSON.stringify(value ?? null)))
    }),
  )
})
