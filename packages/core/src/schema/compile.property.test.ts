import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { deepStrictEqual } from 'node:assert/strict'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { checkStrict } from './limits/check.ts'
import { DefinitionError } from '../values/errors.ts'
import { compile } from './compile.ts'
import { explain } from './explain.ts'

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

/** What a schema takes, as a model writes it, with a part of it replaced or taken away; or any JSON. */
const anything = kind.chain(({ schema, values }) => {
  const spoiled = fc.tuple(values, fc.nat(), fc.jsonValue()).map(([[, strict], at, other]) => spoil(strict, at, other))
  return fc.tuple(fc.constant(schema), fc.oneof(fc.jsonValue(), spoiled))
})

/** Replaces one part, by its number, or takes it away where there is nothing to put there. */
function spoil(value: unknown, at: number, other: unknown): unknown {
  if (typeof value !== 'object' || value === null) return other
  const keys = Object.keys(value)
  if (keys.length === 0 || at % 4 === 0) return other
  const copy: Record<string, unknown> = Array.isArray(value) ? (value.slice() as never) : { ...value }
  const key = keys[at % keys.length] ?? ''
  // A list with a hole in it is no JSON.
  if (other === null && Array.isArray(copy)) copy.splice(Number(key), 1)
  else if (other === null) delete copy[key]
  else copy[key] = spoil(copy[key], at >> 2, other)
  return copy
}

test('whatever a model says has an answer: what the schema makes of it, or where and how it is wrong', () => {
  fc.assert(
    fc.property(anything, ([schema, said]) => {
      const { decode, wrapped } = compile(schema, 'Test')
      const given = structuredClone(wrapped ? { value: said } : said)
      const before = structuredClone(given)
      const decoded = decode(given)
      deepStrictEqual(given, before)
      if (decoded.ok) return
      expect(decoded.issues.length).toBeGreaterThan(0)
      expect(explain(decoded.issues)).toMatch(/\S/)
    }),
  )
})

/** A JSON Schema that any library may emit: what strict mode has, what it lacks, and what makes no sense. */
const { raw } = fc.letrec<{ raw: unknown }>((tie) => {
  const some = fc.array(tie('raw'), { maxLength: 3 })
  const properties = fc.dictionary(name(), tie('raw'), { maxKeys: 3, noNullPrototype: true })
  const types = fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean', 'null', 'odd')
  return {
    raw: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom<unknown>({}, true, false, { type: 'string' }, { type: 'object' }, { not: {} }, { const: null }),
      fc.record({ type: fc.constant('object'), properties, required: fc.array(name(), { maxLength: 2 }) }),
      fc.record({ type: fc.constant('array'), items: tie('raw') }),
      fc.record(
        {
          type: fc.oneof(types, fc.array(types, { maxLength: 3 })),
          properties,
          additionalProperties: tie('raw'),
          items: tie('raw'),
          prefixItems: some,
          anyOf: some,
          oneOf: some,
          allOf: some,
          $ref: fc.constantFrom('#', '#/$defs/a', '#/properties/key', '#/nowhere', 'https://example.com/schema'),
          $defs: fc.record({ a: tie('raw') }),
          enum: fc.array(fc.jsonValue(), { maxLength: 3 }),
          const: fc.jsonValue(),
          pattern: fc.constantFrom('^a', '(', ''),
          format: fc.constantFrom('uuid', 'email', 'odd'),
          minLength: fc.integer(),
          maximum: fc.double(),
          description: fc.string(),
          default: fc.jsonValue(),
          if: tie('raw'),
          then: tie('raw'),
          else: tie('raw'),
          not: tie('raw'),
          contains: tie('raw'),
          dependentSchemas: properties,
          dependencies: properties,
          patternProperties: properties,
          propertyNames: tie('raw'),
          required: fc.oneof(fc.array(name(), { maxLength: 2 }), fc.constant(null)),
          nullable: fc.boolean(),
        },
        { requiredKeys: [], noNullPrototype: true },
      ),
    ),
  }
})

test('any JSON Schema is compiled to the strict subset, or refused by where it stands', () => {
  const met = { compiled: 0, refused: 0 }
  fc.assert(
    fc.property(raw, fc.array(fc.jsonValue(), { maxLength: 3 }), (schema, values) => {
      const json = (): never => schema as never
      const standard = { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } as const
      const compiling = () =>
        compile({ '~standard': { ...standard, jsonSchema: { input: json, output: json } } }, 'Test')
      let made: ReturnType<typeof compiling>
      try {
        made = compiling()
      } catch (error) {
        met.refused++
        expect(error).toBeInstanceOf(DefinitionError)
        expect(error).toMatchObject({ code: 'schema_unsupported', details: { where: 'Test' } })
        return
      }
      met.compiled++
      expect(checkStrict(made.json)).toEqual([])
      for (const value of values) expect(made.decode(value)).toHaveProperty('ok')
    }),
    { numRuns: 100 },
  )
  expect(Math.min(met.compiled, met.refused)).toBeGreaterThan(10)
})
