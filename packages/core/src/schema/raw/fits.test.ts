import { expect, test } from 'vitest'
import { z } from 'zod'
import { compile } from '../compile.ts'

/** The value of an alternative whose first shape has an optional note and whose second takes null as a note. */
function decoded(first: z.ZodType, second: z.ZodType, it: unknown): unknown {
  const schema = z.union([
    z.object({ it: first, note: z.string().optional() }),
    z.object({ it: second, note: z.string().nullable() }),
  ])
  const result = compile(schema, 'Test').decode({ value: { it, note: null } })
  return result.ok ? result.value : result.issues
}

test.each<[string, z.ZodType, z.ZodType, unknown]>([
  ['its type', z.string(), z.number(), 1],
  ['an integer', z.int(), z.number(), 1.5],
  ['a constant', z.literal('a'), z.literal('b'), 'b'],
  ['an enum', z.enum(['a', 'b']), z.enum(['c', 'd']), 'd'],
  ['a list', z.array(z.string()), z.array(z.number()), [1]],
  ['null', z.string(), z.null(), null],
  ['a property', z.object({ a: z.string() }), z.object({ a: z.number() }), { a: 1 }],
  ['a property that is not there', z.object({ a: z.string() }), z.object({ b: z.string() }), { b: 'b' }],
  ['a property too many', z.object({ a: z.string() }), z.object({ a: z.string(), b: z.string() }), { a: '', b: '' }],
  [
    'what a reference says',
    z.object({ a: z.string() }).meta({ id: 'A' }),
    z.object({ a: z.number() }).meta({ id: 'B' }),
    { a: 1 },
  ],
])('a value is known for its shape by %s', (_, first, second, it) => {
  expect(decoded(first, second, it)).toStrictEqual({ it, note: null })
  expect(decoded(second, first, it)).toStrictEqual({ it })
})

test('what is absent is as good as null where null may stand', () => {
  expect(decoded(z.object({ a: z.string().optional() }), z.object({ b: z.string() }), {})).toStrictEqual({ it: {} })
})

test('where a value has both shapes, the first counts', () => {
  expect(decoded(z.string(), z.string().describe('Also text.'), 'x')).toStrictEqual({ it: 'x' })
})
