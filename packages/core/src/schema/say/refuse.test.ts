import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../../contracts/schema.ts'
import { DefinitionError } from '../../values/errors.ts'
import { compile } from '../compile.ts'

function refusal(schema: Schema): DefinitionError {
  try {
    compile(schema, 'Tool "refund_order": input')
  } catch (error) {
    if (error instanceof DefinitionError) return error
    throw error
  }
  throw new Error('The schema was not refused.')
}

function endless(): z.ZodType {
  const self: z.ZodType = z.object({ a: z.string() }).and(z.lazy(() => self))
  return self
}

test('a place that strict mode cannot say is named with its path and what to use', () => {
  const error = refusal(z.object({ items: z.array(z.object({ 'sent at': z.date().optional() })) }))
  expect(error.message).toBe(
    'Tool "refund_order": input.items[]["sent at"] is a date, which a strict schema cannot say. ' +
      'Use z.iso.datetime() and convert it in your own code.',
  )
  expect(error.code).toBe('schema_unsupported')
  expect(error.details).toEqual({ where: 'Tool "refund_order": input', path: '.items[]["sent at"]' })
})

test.each<[string, z.ZodType, string]>([
  ['a bigint', z.bigint(), 'is a bigint'],
  ['a bigint with a default', z.bigint().default(1n), 'is a bigint'],
  ['a coerced date', z.coerce.date(), 'is a date'],
  ['a custom type', z.instanceof(URL), 'is a custom type'],
  ['a file', z.file(), 'is a file'],
  ['a map', z.map(z.string(), z.string()), 'is a map'],
  ['NaN', z.nan(), 'is NaN'],
  ['never', z.never(), 'is never anything'],
  ['a set', z.set(z.string()), 'is a set'],
  ['a symbol', z.symbol(), 'is of type symbol'],
  ['a bare transform', z.transform(String), 'is a transform of anything'],
  ['undefined', z.undefined(), 'is undefined'],
  ['text or undefined', z.union([z.string(), z.undefined()]), 'is undefined'],
  ['a literal bigint', z.literal(1n), 'is a constant that JSON does not have'],
  ['a tuple of different types', z.tuple([z.string(), z.number()]), 'is a tuple of different types'],
  ['an empty tuple', z.tuple([]), 'is a tuple of different types'],
  [
    'objects that differ',
    z
      .object({ a: z.string() })
      .describe('One.')
      .and(z.object({ a: z.number() })),
    'combines two schemas that differ in "a"',
  ],
  ['text that is a number', z.string().and(z.number()), 'combines two schemas that differ in "type"'],
  ['an object that is itself as well', endless(), 'combines a schema with itself'],
])('%s is refused', (_, schema, what) => {
  expect(refusal(z.object({ it: schema })).message).toMatch(
    `Tool "refund_order": input.it ${what}, which a strict schema cannot say. `,
  )
})

test('a refused schema is refused again, under its new name', () => {
  const schema = z.object({ when: z.date() })
  expect(() => compile(schema, 'One')).toThrow('One.when is a date')
  expect(() => compile(schema, 'Other')).toThrow('Other.when is a date')
})

test('a schema over a limit is refused with the figures', () => {
  const wide = z.object(Object.fromEntries(Array.from({ length: 5_001 }, (_, at) => [`p${at}`, z.boolean()])))
  expect(refusal(wide).message).toBe(
    'Tool "refund_order": input is more than a strict schema takes: # has 5001 properties, and 5000 is the most. ' +
      'Make it smaller or flatter, or ask for it in parts.',
  )
})

test('ten levels are allowed and eleven are not', () => {
  const nested = (levels: number): z.ZodType => (levels === 0 ? z.string() : z.object({ down: nested(levels - 1) }))
  expect(compile(nested(10), 'Test').wrapped).toBe(false)
  expect(refusal(nested(11)).message).toContain('# has 11 levels of nesting, and 10 is the most.')
})
