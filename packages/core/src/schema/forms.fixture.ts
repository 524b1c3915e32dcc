// JSON Schemas of all forms that are supported, each with values that are mostly right.
import { createHash } from 'node:crypto'
import * as fc from 'fast-check'

/** A JSON Schema, with the definitions that it refers to, and values that were made for it. */
export interface Form {
  readonly schema: object
  readonly defs: Readonly<Record<string, object>>
  readonly values: fc.Arbitrary<unknown>
}

const of = (schema: object, ...values: readonly unknown[]): Form => ({
  schema,
  defs: {},
  values: fc.constantFrom(...values),
})

const leaf: fc.Arbitrary<Form> = fc.constantFrom(
  of({ type: 'string' }, '', 'a', 'ab', 'null', '{}', 'é😀'),
  of({ type: 'string', minLength: 1, maxLength: 2 }, 'a', 'ab', '😀😀', 'abc', ''),
  of({ type: 'string', pattern: '^a' }, 'a', 'ab', 'b'),
  of({ type: 'string', pattern: '^(?!b)' }, 'a', 'ab', 'b'),
  of({ type: 'string', enum: ['a', 'b', null] }, 'a', 'b'),
  of({ enum: ['a', 1, true] }, 'a', 1, true),
  of({ enum: ['a', null] }, 'a', null),
  of({ const: 'a', title: 'A' }, 'a'),
  of({ type: 'integer', minimum: 0, exclusiveMaximum: 5 }, 0, 4, 5, -1),
  of({ type: 'number', multipleOf: 2, maximum: 10 }, 2, 10, 3, 12),
  of({ type: 'number', exclusiveMinimum: 0.5 }, 0.5, 1),
  of({ type: 'boolean', default: true, examples: [true], $comment: 'A note.' }, true, false),
  of({ type: 'null' }, null),
  of({ type: ['string', 'null'] }, 'a', null),
  of({ type: ['integer', 'boolean'] }, 1, true),
  of({ type: 'string', nullable: true }, 'a', null),
  of({ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'a', null),
  of({ type: 'string', anyOf: [{ minLength: 3 }, { pattern: '^a' }] }, 'abc', 'a', 'bcd', 'b'),
  of(
    {
      type: 'string',
      oneOf: [
        { const: 'a', title: 'A' },
        { const: 'b', description: 'B.' },
      ],
    },
    'a',
    'b',
    'c',
  ),
  of({ type: 'string', not: { enum: ['a', 'b'] } }, 'c', 'a'),
  of({ not: { type: 'string' } }, 1, [1], null, 'a'),
  of({ type: 'integer', if: { minimum: 3 }, then: { multipleOf: 2 }, else: { minimum: 1 } }, 1, 4, 0, 5),
  of({ type: 'integer', allOf: [{ minimum: 1 }, { minimum: 2, maximum: 5 }] }, 2, 5, 1),
  of({ allOf: [{ type: 'string' }, { not: { const: 'a' } }, { not: { const: 'b' } }] }, 'a', 'b', 'c'),
  of({}, 'a', 1, null, [1], { a: 1 }, '"a"', 'null'),
  of({ type: 'object' }, {}, { a: [1, { b: null }] }),
  of({ type: 'array', items: {} }, [], [1, 'a', null]),
  of({ type: 'array' }, [], [1, 'a', null]),
  // With one bound alone, ajv remembers within a record what it found in the list before.
  of({ type: 'array', items: { type: 'integer' }, contains: { minimum: 3 }, maxContains: 3 }, [3], [1, 3], [1], []),
  of(
    { type: 'array', items: { type: 'integer' }, contains: { const: 1 }, minContains: 0, maxContains: 1 },
    [],
    [1],
    [1, 1],
    [2, 2],
  ),
  of({ type: 'array', items: { type: 'integer' }, uniqueItems: true, minItems: 1, maxItems: 2 }, [1], [1, 2], [1, 1]),
  of({ type: 'array', prefixItems: [{ type: 'integer' }, { type: 'integer' }], items: false }, [], [1], [1, 2]),
  of(
    {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' } },
      dependentRequired: { a: ['b'] },
      anyOf: [{ required: ['a'] }, { required: ['c'] }],
    },
    { a: 'x', b: 'y' },
    { c: 'x' },
    { a: 'x' },
    { b: 'x' },
    {},
  ),
  of(
    {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'], not: { required: ['a'] } }],
    },
    { a: 'x' },
    { b: 'x' },
    { a: 'x', b: 'y' },
    {},
  ),
  of(
    { type: 'object', properties: { a: { type: 'string' } }, not: { required: ['a'] }, additionalProperties: false },
    {},
    { a: 'x' },
  ),
  of(
    {
      type: 'object',
      properties: { kind: { enum: ['a', 'b'] } },
      required: ['kind'],
      if: { properties: { kind: { const: 'a' } } },
      then: { properties: { x: { type: 'integer', minimum: 1 } }, required: ['x'] },
      else: { properties: { y: { type: 'string' } } },
    },
    { kind: 'a', x: 1 },
    { kind: 'b' },
    { kind: 'b', y: 'y' },
    { kind: 'a' },
    { kind: 'a', x: 0 },
  ),
  of(
    {
      type: 'object',
      properties: { card: { type: 'string' }, address: { type: 'string' } },
      dependentSchemas: { card: { properties: { holder: { type: 'string', minLength: 1 } }, required: ['holder'] } },
      dependencies: { address: ['card'] },
    },
    {},
    { card: 'c', holder: 'h' },
    { card: 'c' },
    { card: 'c', holder: '' },
    { address: 'a' },
  ),
  of(
    {
      type: 'object',
      properties: { kind: { type: 'string' }, id: { type: 'integer' } },
      required: ['kind'],
      oneOf: [
        { properties: { kind: { const: 'a' }, x: { type: 'string' } }, required: ['x'] },
        { properties: { kind: { const: 'b' } } },
      ],
    },
    { kind: 'a', x: 'x', id: 1 },
    { kind: 'b' },
    { kind: 'b', id: 1 },
    { kind: 'a' },
    { kind: 'c' },
  ),
  of(
    {
      type: 'object',
      patternProperties: { '^s': { type: 'string' }, '^n': { type: 'integer', minimum: 0 } },
      additionalProperties: false,
    },
    {},
    { s: 'a', n1: 1 },
    { n1: -1 },
    { s: 1 },
    { other: 1 },
  ),
  of(
    { type: 'object', patternProperties: { '^s': { type: 'string' } }, additionalProperties: { type: 'integer' } },
    { s: 'a', n1: 1 },
    { others: 1, s1: 'others' },
    { n1: 'a' },
  ),
  of(
    { type: 'object', propertyNames: { enum: ['a', 'b'] }, additionalProperties: { type: 'integer' } },
    { a: 1 },
    { a: 1, b: 2 },
    { c: 1 },
  ),
)

const tree: Form = {
  schema: { $ref: '#/$defs/Tree' },
  defs: {
    Tree: {
      type: 'object',
      properties: {
        name: { type: 'string', not: { const: 'no' } },
        children: { type: 'array', items: { $ref: '#/$defs/Tree' } },
      },
      required: ['name'],
    },
  },
  values: fc.constantFrom<unknown>(
    { name: 'a' },
    { name: 'a', children: [{ name: 'b', children: [] }] },
    { name: 'a', children: [{ name: 'b' }, { name: 'no' }] },
  ),
}

/** Any supported form, a few of them within one another. */
const { form } = fc.letrec<{ form: Form }>((tie) => ({
  form: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    { weight: 4, arbitrary: leaf },
    fc.constant(tree),
    tie('form').map(listOf),
    tie('form').map(recordOf),
    tie('form').map(named),
    tie('form').map(patternOf),
    fc.tuple(tie('form'), tie('form'), fc.boolean()).map(([one, other, isOpen]) => objectOf(one, other, isOpen)),
    fc.tuple(tie('form'), tie('form')).map(([one, other]) => catchAllOf(one, other)),
    fc.tuple(tie('form'), tie('form'), fc.constantFrom('anyOf', 'oneOf')).map((parts) => alternativeOf(...parts)),
    fc.tuple(tie('form'), tie('form')).map(([one, other]) => extendedBy(one, other)),
    fc.tuple(tie('form'), tie('form')).map(([one, other]) => onCondition(one, other)),
  ),
}))

/** Any supported form at the root: there, an object of which nothing is said is one without properties. */
export const root = form.map((one) => {
  const all = [one.schema, ...Object.values(one.defs)].map((schema) => JSON.stringify(schema))
  return all.includes('{"type":"object"}') ? wrapped(one) : one
})

function listOf({ schema, defs, values }: Form): Form {
  return { schema: { type: 'array', items: schema, maxItems: 3 }, defs, values: fc.array(values, { maxLength: 3 }) }
}

function recordOf({ schema, defs, values }: Form): Form {
  const keys = fc.constantFrom('a', 'b c', 'key', 'value', 'others')
  return {
    schema: { type: 'object', additionalProperties: schema },
    defs,
    values: fc.dictionary(keys, values, { maxKeys: 3, noNullPrototype: true }),
  }
}

function patternOf({ schema, defs, values }: Form): Form {
  return {
    schema: { type: 'object', patternProperties: { '^x-': schema }, additionalProperties: false },
    defs,
    values: fc.dictionary(fc.constantFrom('x-1', 'x-', 'y'), values, { maxKeys: 2, noNullPrototype: true }),
  }
}

/** By a reference, as most real schemas have it. */
function named({ schema, defs, values }: Form): Form {
  const name = createHash('sha1').update(JSON.stringify(schema)).digest('hex').slice(0, 8)
  return { schema: { $ref: `#/$defs/${name}`, description: 'Named.' }, defs: { ...defs, [name]: schema }, values }
}

/** An optional property takes no null of its own here: that and an absent one are the same in strict form. */
function objectOf(one: Form, other: Form, isOpen: boolean): Form {
  return {
    schema: {
      type: 'object',
      title: 'Object',
      properties: { a: one.schema, b: wrapped(other).schema, c: false },
      required: ['a'],
      ...(!isOpen && { additionalProperties: false }),
    },
    defs: { ...one.defs, ...other.defs },
    values: fc.record({ a: one.values, b: wrapped(other).values }, { requiredKeys: ['a'], noNullPrototype: true }),
  }
}

function wrapped({ schema, defs, values }: Form): Form {
  return {
    schema: { type: 'object', properties: { it: schema }, required: ['it'] },
    defs,
    values: fc.record({ it: values }, { noNullPrototype: true }),
  }
}

/** Of others that may be anything none are said. */
function catchAllOf(one: Form, more: Form): Form {
  const other = wrapped(more)
  const rest = fc.dictionary(fc.constantFrom('b', 'c d', 'others'), other.values, { maxKeys: 2, noNullPrototype: true })
  return {
    schema: {
      type: 'object',
      properties: { a: one.schema },
      required: ['a'],
      additionalProperties: other.schema,
      maxProperties: 3,
    },
    defs: { ...one.defs, ...other.defs },
    values: fc.tuple(one.values, rest).map(([a, more]) => ({ a, ...more })),
  }
}

function alternativeOf(one: Form, other: Form, keyword: string): Form {
  const tagged = (tag: string, { schema, values }: Form): Form => ({
    schema: { type: 'object', properties: { tag: { const: tag }, it: schema }, required: ['tag', 'it'] },
    defs: {},
    values: fc.record({ tag: fc.constant(tag), it: values }, { noNullPrototype: true }),
  })
  const [first, second] = [tagged('one', one), tagged('other', other)]
  return {
    schema: { [keyword]: [first.schema, second.schema], discriminator: { propertyName: 'tag' } },
    defs: { ...one.defs, ...other.defs },
    values: fc.oneof(first.values, second.values),
  }
}

/** Alternatives beside properties, one of them by reference. */
function extendedBy(one: Form, other: Form): Form {
  const second = named({
    schema: { properties: { tag: { const: 'other' }, it: other.schema }, required: ['it'] },
    defs: other.defs,
    values: other.values,
  })
  return {
    schema: {
      type: 'object',
      properties: { tag: { type: 'string' }, more: { type: 'string' } },
      required: ['tag'],
      anyOf: [{ properties: { tag: { const: 'one' }, it: one.schema }, required: ['it'] }, second.schema],
    },
    defs: { ...one.defs, ...second.defs },
    values: fc
      .oneof(
        fc.record({ tag: fc.constant('one'), it: one.values }, { noNullPrototype: true }),
        fc.record({ tag: fc.constant('other'), it: other.values }, { noNullPrototype: true }),
      )
      .chain((value) => fc.constantFrom<object>(value, { ...value, more: 'm' })),
  }
}

function onCondition(one: Form, other: Form): Form {
  return {
    schema: {
      type: 'object',
      properties: { tag: { type: 'string' } },
      required: ['tag'],
      allOf: [
        { if: { properties: { tag: { const: 'one' } } }, then: wrapped(wrapped(one)).schema },
        { if: { properties: { tag: { const: 'other' } } }, then: { properties: { that: wrapped(other).schema } } },
      ],
    },
    defs: { ...one.defs, ...other.defs },
    values: fc.oneof(
      fc.record({ tag: fc.constant('one'), it: wrapped(one).values }, { requiredKeys: ['tag'], noNullPrototype: true }),
      fc.record(
        { tag: fc.constant('other'), that: wrapped(other).values },
        { requiredKeys: ['tag'], noNullPrototype: true },
      ),
    ),
  }
}
