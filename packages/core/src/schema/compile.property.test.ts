import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { deepStrictEqual } from 'node:assert/strict'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkStrict } from './check.ts'
import { compile } from './compile.ts'

/** A schema, with values that it takes, each as a user's code writes it and as a model does in strict form. */
interface Kind {
  readonly schema: z.ZodType
  readonly values: fc.Arbitrary<Pair>
}
type Pair = readonly [value: unknown, strict: unknown]

const same = (schema: z.ZodType, values: fc.Arbitrary<unknown>): Kind => ({
  schema,
  values: values.map((value) => [value, value]),
})

const leaf: fc.Arbitrary<Kind> = fc.constantFrom(
  same(z.string(), fc.string()),
  same(z.string().min(2).max(4), fc.string({ minLength: 2, maxLength: 4 })),
  same(z.string().regex(/^[a-c]+$/), fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1 })),
  same(z.uuid(), fc.uuid()),
  same(z.int(), fc.maxSafeInteger()),
  same(
    z.number().min(-5).max(5),
    fc.integer({ min: -50, max: 50 }).map((tenths) => tenths / 10),
  ),
  same(z.boolean(), fc.boolean()),
  same(z.null(), fc.constant(null)),
  same(z.literal('only'), fc.constant('only')),
  same(z.literal(['a', 2, null, true]), fc.constantFrom('a', 2, null, true)),
  same(z.enum(['red', 'green']), fc.constantFrom('red', 'green')),
  same(z.union([z.string(), z.number()]), fc.oneof(fc.string(), fc.integer())),
)

const { kind } = fc.letrec<{ kind: Kind }>((tie) => ({
  kind: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    tie('kind').map(listOf),
    tie('kind').map(pairOf),
    tie('kind').map(recordOf),
    tie('kind').map(nullable),
    fc.tuple(tie('kind'), tie('kind')).map(([one, other]) => alternativeOf(one, other)),
    fc.dictionary(name(), member(tie('kind')), { maxKeys: 5, noNullPrototype: true }).map(objectOf),
  ),
}))

/** Any name, odd ones among them, but none that an object inherits: Zod finds those where they are absent. */
function name(): fc.Arbitrary<string> {
  const names = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('key', 'value', 'type', '$ref', 'a/b~c'))
  return names.filter((text) => !(text in Object.prototype))
}

function listOf({ schema, values }: Kind): Kind {
  return { schema: z.array(schema), values: fc.array(values, { maxLength: 3 }).map(unzip) }
}

function pairOf({ schema, values }: Kind): Kind {
  return { schema: z.tuple([schema, schema]), values: fc.tuple(values, values).map(unzip) }
}

function unzip(pairs: readonly Pair[]): Pair {
  return [pairs.map(([value]) => value), pairs.map(([, strict]) => strict)]
}

function recordOf({ schema, values }: Kind): Kind {
  return {
    schema: z.record(z.string(), schema),
    values: fc
      .dictionary(name(), values, { maxKeys: 3, noNullPrototype: true })
      .map((pairs) => [
        Object.fromEntries(Object.entries(pairs).map(([key, [value]]) => [key, value])),
        Object.entries(pairs).map(([key, [, value]]) => ({ key, value })),
      ]),
  }
}

function nullable({ schema, values }: Kind): Kind {
  return { schema: schema.nullable(), values: fc.oneof(values, fc.constant<Pair>([null, null])) }
}

function alternativeOf(one: Kind, other: Kind): Kind {
  const tagged = (tag: string, { schema, values }: Kind): Kind =>
    objectOf({ tag: required(same(z.literal(tag), fc.constant(tag))), it: optional({ schema, values }) })
  const [first, second] = [tagged('one', one), tagged('other', other)]
  return {
    schema: z.discriminatedUnion('tag', [first.schema as z.ZodObject, second.schema as z.ZodObject]),
    values: fc.oneof(first.values, second.values),
  }
}

/** A property of an object: no pair where it is left out. */
interface Member {
  readonly schema: z.ZodType
  readonly values: fc.Arbitrary<Pair | undefined>
}

function member(kinds: fc.Arbitrary<Kind>): fc.Arbitrary<Member> {
  return fc.tuple(kinds, fc.constantFrom(required, optional, nullish, defaulted)).map(([one, make]) => make(one))
}

function required(one: Kind): Member {
  return one
}

function optional({ schema, values }: Kind): Member {
  return { schema: schema.optional(), values: orAbsent(schema, values) }
}

function nullish(one: Kind): Member {
  return optional(nullable(one))
}

function defaulted({ schema, values }: Kind): Member {
  return { schema: schema.default('by default'), values: orAbsent(schema, values) }
}

/** Where a schema takes null of its own, absent and null are one in strict form and come back as null. */
function orAbsent(schema: z.ZodType, values: fc.Arbitrary<Pair>): Member['values'] {
  return schema.safeParse(null).success ? values : fc.oneof(values, fc.constant(undefined))
}

function objectOf(members: Readonly<Record<string, Member>>): Kind {
  const schemas = Object.entries(members).map(([key, { schema }]) => [key, schema])
  const values = fc.record(Object.fromEntries(Object.entries(members).map(([key, one]) => [key, one.values])), {
    noNullPrototype: true,
  })
  return {
    schema: z.object(Object.fromEntries(schemas) as Record<string, z.ZodType>),
    values: values.map((pairs) => {
      const entries = Object.entries(pairs)
      const there = entries.flatMap(([key, pair]) => (pair ? [[key, pair[0]]] : []))
      return [Object.fromEntries(there), Object.fromEntries(entries.map(([key, pair]) => [key, pair ? pair[1] : null]))]
    }),
  }
}

test('every schema compiles to the strict subset, and every value makes the trip to it and back', () => {
  // Formats are the service's business.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, code: { optimize: false } })
  const cases = kind.chain(({ schema, values }) =>
    fc.tuple(fc.constant(schema), fc.array(values, { minLength: 1, maxLength: 5 })),
  )
  fc.assert(
    fc.property(cases, ([schema, pairs]) => {
      const { json, decode, wrapped } = compile(schema, 'Test')
      expect(checkStrict(json)).toEqual([])
      const fits = ajv.compile(json)
      for (const [value, strict] of pairs) {
        const said = wrapped ? { value: strict } : strict
        fits(said)
        expect(fits.errors).toBeNull()
        deepStrictEqual(decode(said), { ok: true, value: schema.parse(value) })
      }
    }),
  )
})
