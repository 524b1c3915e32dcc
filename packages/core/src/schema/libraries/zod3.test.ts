import { expect, test } from 'vitest'
import { z as z4 } from 'zod'
import { z } from 'zod/v3'
import { compile } from '../compile.ts'
import { isZod3 } from './zod3.ts'

test('types of Zod 3 and Zod 4 are told apart', () => {
  expect(isZod3(z.object({}))).toBe(true)
  expect(isZod3(z4.object({}))).toBe(false)
  expect(isZod3({ _zod: {}, _def: { typeName: 'ZodString' } })).toBe(false)
})

test('a type of Zod 3 is said as its Zod 4 counterpart is', () => {
  const text = z.string()
  const three = z.object({
    same: text,
    again: text.optional(),
    count: z.number().int().default(3),
    nullable: z.enum(['a', 'b']).nullable(),
    nullish: z.number().nullish(),
    nothing: z.literal(null),
    turned: z.string().transform(Number),
    list: z.array(z.string().email()).min(1),
    pair: z.tuple([z.number(), z.number()]),
    record: z.record(z.number()),
    either: z.discriminatedUnion('k', [
      z.object({ k: z.literal('a'), n: z.number().optional() }),
      z.object({ k: z.literal('b') }),
    ]),
    both: z.object({ a: z.string() }).and(z.object({ b: z.string().optional() })),
    odd: z.string().optional().nullable(),
  })
  const four = z4.object({
    same: z4.string(),
    again: z4.string().optional(),
    count: z4.int().default(3),
    nullable: z4.enum(['a', 'b']).nullable(),
    nullish: z4.number().nullish(),
    nothing: z4.literal(null),
    turned: z4.string().transform(Number),
    list: z4.array(z4.email()).min(1),
    pair: z4.tuple([z4.number(), z4.number()]),
    record: z4.record(z4.string(), z4.number()),
    either: z4.discriminatedUnion('k', [
      z4.object({ k: z4.literal('a'), n: z4.number().optional() }),
      z4.object({ k: z4.literal('b') }),
    ]),
    both: z4.object({ a: z4.string() }).and(z4.object({ b: z4.string().optional() })),
    odd: z4.string().optional().nullable(),
  })
  expect(compile(three, 'Test').json).toEqual(compile(four, 'Test').json)
})

interface Tree {
  readonly name: string
  readonly children?: readonly Tree[] | undefined
}

const tree: z.ZodType<Tree> = z.object({ name: z.string(), children: z.lazy(() => z.array(tree)).optional() })

test('a type of Zod 3 may hold itself, at the root and below it', () => {
  const children = { anyOf: [{ type: 'array', items: { $ref: '#' } }, { type: 'null' }] }
  expect(compile(tree, 'Test').json.properties?.['children']).toEqual(children)
  const { json, decode } = compile(z.object({ tree }), 'Test')
  expect(json.$defs?.['tree']?.properties?.['children']).toEqual({
    anyOf: [{ type: 'array', items: { $ref: '#/$defs/tree' } }, { type: 'null' }],
  })
  expect(decode({ tree: { name: 'a', children: [{ name: 'b', children: null }] } })).toEqual({
    ok: true,
    value: { tree: { name: 'a', children: [{ name: 'b' }] } },
  })
})

test.each([
  ['a date', z.date(), 'is a date'],
  ['a bigint', z.bigint(), 'is a bigint'],
  ['a bigint or null', z.bigint().nullable(), 'is a bigint'],
  ['a bigint or text', z.union([z.string(), z.bigint()]), 'is a bigint'],
  ['a literal bigint', z.literal(1n), 'is a bigint'],
  ['a map', z.map(z.string(), z.string()), 'is a map'],
  ['a set', z.set(z.string()), 'is a set'],
  ['undefined', z.undefined(), 'is undefined'],
  ['never', z.never(), 'is never anything'],
])('%s of Zod 3 is refused by its place', (_, schema, what) => {
  expect(() => compile(z.object({ list: z.array(z.object({ it: schema })) }), 'Test')).toThrow(
    `Test.list[].it ${what}, which`,
  )
})
