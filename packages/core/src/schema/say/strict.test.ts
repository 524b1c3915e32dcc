import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonSchema, Schema } from '../../contracts/schema.ts'
import { compile } from '../compile.ts'

/** The strict form of one property's schema. */
function said(property: Schema): JsonSchema | undefined {
  const { json } = compile(z.object({ it: property as z.ZodType }), 'Test')
  expect(json).toMatchObject({ type: 'object', required: ['it'], additionalProperties: false })
  return json.properties?.['it']
}

describe('objects', () => {
  test('every property is required, in the order in which it was written, and no other is allowed', () => {
    const { json, wrapped } = compile(z.object({ zebra: z.string(), apple: z.boolean().optional() }), 'Test')
    expect(wrapped).toBe(false)
    expect(JSON.stringify(json)).toBe(
      '{"type":"object","properties":{"zebra":{"type":"string"},"apple":{"type":["boolean","null"]}},' +
        '"required":["zebra","apple"],"additionalProperties":false}',
    )
  })

  test('an empty object is said as one', () => {
    expect(said(z.object({}))).toEqual({ type: 'object', properties: {}, required: [], additionalProperties: false })
  })

  test('a loose object is closed, since a model must know what it may say', () => {
    expect(said(z.looseObject({ a: z.string() }))).toEqual(said(z.strictObject({ a: z.string() })))
  })

  test('two objects that must both hold become one', () => {
    const named = z.object({ a: z.string() }).meta({ id: 'Named' })
    const both = z.object({ a: z.string(), b: z.number().optional() })
    expect(said(named.and(z.object({ b: z.number().optional() })))).toEqual(said(both))
    expect(said(z.object({ a: z.string() }).and(both))).toEqual(said(both))
  })
})

describe('optional and null', () => {
  test.each<[string, z.ZodType, JsonSchema]>([
    ['text', z.string().optional(), { type: ['string', 'null'] }],
    ['a bounded number', z.number().min(1).optional(), { type: ['number', 'null'], minimum: 1 }],
    ['nullish', z.string().nullish(), { type: ['string', 'null'] }],
    ['a default', z.string().default('x'), { type: ['string', 'null'] }],
    ['an enum', z.enum(['a', 'b']).optional(), { anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'null' }] }],
    ['a constant', z.literal(1).nullable(), { anyOf: [{ type: 'number', const: 1 }, { type: 'null' }] }],
    [
      'a described list',
      z.array(z.string()).optional().describe('Words.'),
      { description: 'Words.', anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] },
    ],
    ['an alternative', z.union([z.string(), z.number()]).optional(), { type: ['string', 'number', 'null'] }],
  ])('%s may be null', (_, schema, json) => {
    expect(said(schema)).toEqual(json)
  })
})

describe('text, numbers and values', () => {
  test.each<[string, z.ZodType, JsonSchema]>([
    ['the bounds of safe integers are left out', z.int(), { type: 'integer' }],
    ['other bounds stay', z.int().min(1).max(9), { type: 'integer', minimum: 1, maximum: 9 }],
    ['a pattern stays', z.string().regex(/^a+$/), { type: 'string', pattern: '^a+$' }],
    ['a known format stays without its pattern', z.iso.date(), { type: 'string', format: 'date' }],
    ['a format that looks around in its pattern stays', z.email(), { type: 'string', format: 'email' }],
    ['a foreign format is said in words', z.url(), { type: 'string', description: 'format uri' }],
    [
      'a length is said in words, after the description',
      z.string().min(3).max(5).describe('A code.'),
      { type: 'string', description: 'A code. (at least 3 characters, at most 5 characters)' },
    ],
    [
      'a pattern that looks ahead is said in words',
      z.string().regex(/a(?=b)/),
      { type: 'string', description: 'matching /a(?=b)/' },
    ],
    [
      'the second of two patterns is said in words',
      z.string().startsWith('a').regex(/b$/),
      { type: 'string', pattern: '^a.*', description: 'matching /b$/' },
    ],
    [
      'a number of many divisors keeps one',
      z.number().multipleOf(2).multipleOf(3),
      { type: 'number', multipleOf: 2, description: 'a multiple of 3' },
    ],
    ['a constant stays', z.literal('a'), { type: 'string', const: 'a' }],
    ['null is a type', z.literal(null), { type: 'null' }],
    [
      'values of several types become an alternative each',
      z.literal(['a', 1, 'b', null]),
      { anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'number', enum: [1] }, { type: 'null' }] },
    ],
    ['what a transform takes is said', z.string().transform(Number), { type: 'string' }],
    [
      'what a codec takes is said',
      z.codec(z.iso.date(), z.date(), { decode: (s) => new Date(s), encode: (d) => d.toISOString() }),
      { type: 'string', format: 'date' },
    ],
    [
      'titles stay, other notes go',
      z.string().meta({ title: 'T', examples: ['x'], deprecated: true }),
      { type: 'string', title: 'T' },
    ],
  ])('%s', (_, schema, json) => {
    expect(said(schema)).toEqual(json)
  })
})

describe('lists, records and alternatives', () => {
  test('a tuple of one type is a list of that length', () => {
    expect(said(z.tuple([z.number(), z.number()]))).toEqual({
      type: 'array',
      items: { type: 'number' },
      minItems: 2,
      maxItems: 2,
    })
    expect(said(z.tuple([z.number(), z.number().optional()]))).toEqual({
      type: 'array',
      items: { type: 'number' },
      minItems: 1,
      maxItems: 2,
    })
    expect(said(z.tuple([z.number()], z.number()))).toEqual({ type: 'array', items: { type: 'number' }, minItems: 1 })
  })

  test('a record is a list of pairs', () => {
    expect(said(z.record(z.string().regex(/^k/), z.number()).describe('Scores.'))).toEqual({
      type: 'array',
      description: 'Scores. (each key once)',
      items: {
        type: 'object',
        properties: { key: { type: 'string', pattern: '^k' }, value: { type: 'number' } },
        required: ['key', 'value'],
        additionalProperties: false,
      },
    })
  })

  test('a record of listed keys is an object', () => {
    expect(said(z.record(z.enum(['a', 'b']), z.number()))).toEqual(said(z.object({ a: z.number(), b: z.number() })))
    expect(said(z.partialRecord(z.enum(['a', 'b']), z.number()))).toEqual(
      said(z.object({ a: z.number(), b: z.number() }).partial()),
    )
    expect(said(z.record(z.enum(['a', 'b']).meta({ id: 'Letter' }), z.number()))).toEqual(
      said(z.object({ a: z.number(), b: z.number() })),
    )
    const listed = z.union([z.literal('a'), z.literal('b')])
    expect(said(z.record(listed, z.number()))).toEqual(said(z.object({ a: z.number(), b: z.number() })))
  })

  test('a shape that stands twice among alternatives stands once', () => {
    expect(said(z.union([z.string().regex(/a/), z.number(), z.string().regex(/a/)]))).toEqual({
      anyOf: [{ type: 'string', pattern: 'a' }, { type: 'number' }],
    })
  })

  test('exactly one of several shapes becomes one of them', () => {
    const union = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('card'), digits: z.string() }),
      z.object({ kind: z.literal('cash') }),
    ])
    expect(said(union)?.anyOf).toMatchObject([
      { properties: { kind: { type: 'string', const: 'card' } }, required: ['kind', 'digits'] },
      { properties: { kind: { type: 'string', const: 'cash' } }, required: ['kind'] },
    ])
  })
})

describe('references', () => {
  const node = z.object({
    name: z.string(),
    get children() {
      return z.array(node).optional()
    },
  })

  test('a schema that holds itself refers to the root', () => {
    const { json } = compile(node, 'Test')
    expect(json.properties?.['children']).toEqual({
      anyOf: [{ type: 'array', items: { $ref: '#' } }, { type: 'null' }],
    })
    expect(json.$defs).toBeUndefined()
  })

  test('where the root is wrapped, what refers to it refers to a definition', () => {
    const nested: z.ZodType = z.lazy(() => z.union([z.string(), z.array(nested)]))
    expect(compile(nested, 'Test').json).toEqual({
      type: 'object',
      properties: { value: { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/$defs/root' } }] } },
      required: ['value'],
      additionalProperties: false,
      $defs: { root: { anyOf: [{ type: 'string' }, { type: 'array', items: { $ref: '#/$defs/root' } }] } },
    })
  })

  test('a description beside a reference moves above it', () => {
    const address = z.object({ street: z.string() }).meta({ id: 'Address/Home 50%' })
    const { json } = compile(z.object({ home: address.describe('Where to.'), work: address.optional() }), 'Test')
    expect(json.properties).toEqual({
      home: { description: 'Where to.', anyOf: [{ $ref: '#/$defs/Address~1Home 50%' }] },
      work: { anyOf: [{ $ref: '#/$defs/Address~1Home 50%' }, { type: 'null' }] },
    })
    expect(Object.keys(json.$defs ?? {})).toEqual(['Address/Home 50%'])
  })

  test('a root with a name of its own stands in place', () => {
    const named = z.object({ a: z.string() }).meta({ id: 'Named', title: 'A name' })
    expect(compile(named, 'Test').json).toMatchObject({ type: 'object', title: 'A name', required: ['a'] })
  })
})

describe('roots', () => {
  test.each<[string, z.ZodType, JsonSchema]>([
    ['text', z.string().describe('Words.'), { type: 'string', description: 'Words.' }],
    ['a list', z.array(z.string()), { type: 'array', items: { type: 'string' } }],
    ['an alternative', z.union([z.string(), z.null()]), { type: ['string', 'null'] }],
  ])('%s at the root is wrapped', (_, schema, value) => {
    const { json, wrapped } = compile(schema, 'Test')
    expect(wrapped).toBe(true)
    expect(json).toEqual({ type: 'object', properties: { value }, required: ['value'], additionalProperties: false })
  })
})
