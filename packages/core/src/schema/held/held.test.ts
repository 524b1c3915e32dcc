// What no strict schema can say: the model reads it in words, and what it says is held to it here.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonSchema } from '../../contracts/schema.ts'
import { compile } from '../compile.ts'
import { emitting } from '../emitted.fixture.ts'
import { explain } from '../explain.ts'

const TEXT = { type: 'string' } as const
const NUMBER = { type: 'number' } as const

/** The strict form of a property that a library emits and does not check, and what is said of values there. */
function hold(it: object, $defs: object = {}): { json: JsonSchema | undefined; tell: (value: unknown) => string } {
  const { json, decode } = compile(emitting({ type: 'object', properties: { it }, required: ['it'], $defs }), 'Test')
  const tell = (value: unknown): string => {
    const decoded = decode({ it: value })
    return decoded.ok ? 'right' : explain(decoded.issues).split('\n').slice(1).join('\n')
  }
  return { json: json.properties?.['it'], tell }
}

describe('is said in words, and a value that breaks it is refused at its place', () => {
  test.each<[string, object, string, unknown, unknown, string]>([
    [
      'what it may not be',
      { ...TEXT, not: { enum: ['root', 'admin'] }, description: 'A login.' },
      'A login. (not one of "root", "admin")',
      'ana',
      'root',
      '- it: it must not be one of "root", "admin"; got "root"',
    ],
    [
      'a type that it may not have',
      { not: TEXT },
      'not of type string (any value, as JSON text)',
      '1',
      '"a"',
      '- it: it must not be of type string; got "a"',
    ],
    [
      'a condition',
      {
        type: 'object',
        properties: { kind: { enum: ['card', 'cash'] }, digits: TEXT },
        required: ['kind'],
        if: { properties: { kind: { const: 'card' } } },
        then: { required: ['digits'] },
      },
      'if it is with "kind", where it is given, exactly "card", then with "digits"',
      { kind: 'card', digits: '4242' },
      { kind: 'card', digits: null },
      '- it.digits: it must be given, if it is with "kind", where it is given, exactly "card"; got nothing',
    ],
    [
      'what else holds',
      { type: 'integer', if: { minimum: 10 }, else: { multipleOf: 2 } },
      'unless it is at least 10, a multiple of 2',
      11,
      5,
      '- it: it must be a multiple of 2, unless it is at least 10; got 5',
    ],
    [
      'an item that must be there',
      { type: 'array', items: TEXT, contains: { const: 'total' } },
      'with at least 1 items that are exactly "total"',
      ['total'],
      ['sum'],
      '- it: it must have at least 1 items that are exactly "total"; got ["sum"]',
    ],
    [
      'how many of them',
      { type: 'array', items: NUMBER, contains: { minimum: 5 }, minContains: 0, maxContains: 1 },
      'with at most 1 items that are at least 5',
      [1],
      [5, 6],
      '- it: it must have at most 1 items that are at least 5; got [5,6]',
    ],
    [
      'what a property needs beside it',
      { type: 'object', properties: { card: TEXT, holder: TEXT }, dependentRequired: { card: ['holder'] } },
      'with "holder" wherever "card" is given',
      { card: 'c', holder: 'h' },
      { card: 'c', holder: null },
      '- it.holder: it must be given, as "card" is given; got nothing',
    ],
    [
      'the same in older drafts',
      { type: 'object', properties: { card: TEXT, holder: TEXT }, dependencies: { card: ['holder'] } },
      'with "holder" wherever "card" is given',
      { card: null, holder: null },
      { card: 'c', holder: null },
      '- it.holder: it must be given, as "card" is given; got nothing',
    ],
    [
      'how all changes with a property',
      {
        type: 'object',
        properties: { a: TEXT, b: TEXT },
        dependentSchemas: { a: { properties: { b: { minLength: 2 } } } },
      },
      'with "b", where it is given, at least 2 characters wherever "a" is given',
      { a: 'x', b: 'yy' },
      { a: 'x', b: 'y' },
      '- it.b: it must have at least 2 characters, as "a" is given; got "y"',
    ],
    [
      'at least one of some properties',
      { type: 'object', properties: { a: TEXT, b: TEXT }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      'at least one of these: with "a"; with "b"',
      { a: null, b: 'x' },
      { a: null, b: null },
      '- it: it must fit one of several shapes: a must be given; b must be given; got {}',
    ],
    [
      'exactly one of some properties',
      { type: 'object', properties: { a: TEXT, b: TEXT }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
      'exactly one of these: with "a"; with "b"',
      { a: null, b: 'x' },
      { a: 'x', b: 'y' },
      '- it: it must be only one of: with "a"; with "b"; got {"a":"x","b":"y"}',
    ],
  ])('%s', (_, it, words, right, wrong, complaint) => {
    const { json, tell } = hold(it)
    expect(json?.description).toBe(words)
    expect([tell(right), tell(wrong)]).toEqual(['right', complaint])
  })

  test('several conditions, of which each brings properties that only it names', () => {
    const when = (kind: string, properties: object): object => ({
      if: { properties: { kind: { const: kind } }, required: ['kind'] },
      then: { properties, required: Object.keys(properties) },
    })
    const it = {
      type: 'object',
      properties: { kind: TEXT },
      required: ['kind'],
      allOf: [when('a', { x: NUMBER }), when('b', { y: { type: 'array', items: TEXT } })],
    }
    const { json, tell } = hold(it)
    expect(Object.keys(json?.properties ?? {})).toEqual(['kind', 'x', 'y'])
    expect(tell({ kind: 'a', x: 1, y: null })).toBe('right')
    expect(tell({ kind: 'b', x: null, y: ['c'] })).toBe('right')
    expect(tell({ kind: 'b', x: null, y: null })).toContain('- it.y: it must be given, if it is')
  })

  test('a property that two conditions name in their own ways is of either kind', () => {
    const then = (size: object): object => ({ properties: { size }, required: ['size'] })
    const { json, tell } = hold({
      type: 'object',
      properties: { kind: TEXT },
      required: ['kind'],
      if: { properties: { kind: { const: 'a' } } },
      then: then(NUMBER),
      else: then(TEXT),
    })
    expect(json?.properties?.['size']).toEqual({ type: ['number', 'string', 'null'] })
    expect(tell({ kind: 'b', size: 'xl' })).toBe('right')
    expect(tell({ kind: 'a', size: 'xl' })).toContain('- it.size: it must be of type number, if it is')
  })

  test('a property that a condition names within another is offered there', () => {
    const { json, tell } = hold({
      type: 'object',
      properties: { kind: TEXT, to: { type: 'object', properties: { street: TEXT } } },
      required: ['kind', 'to'],
      if: { properties: { kind: { const: 'parcel' } } },
      then: { properties: { to: { properties: { zip: TEXT }, required: ['zip'] } } },
    })
    expect(Object.keys(json?.properties?.['to']?.properties ?? {})).toEqual(['street', 'zip'])
    expect(tell({ kind: 'parcel', to: { street: null, zip: '1' } })).toBe('right')
    expect(tell({ kind: 'parcel', to: { street: 's', zip: null } })).toContain(
      '- it.to.zip: it must be given, if it is',
    )
  })

  test('what a condition names is not offered where nothing else is allowed', () => {
    const { json } = hold({
      type: 'object',
      properties: { a: TEXT },
      if: { required: ['a'] },
      then: { properties: { b: TEXT } },
      additionalProperties: false,
    })
    expect(Object.keys(json?.properties ?? {})).toEqual(['a'])
  })

  test.each<[string, object]>([
    ['beside a reference', { $ref: '#/$defs/Code', not: { const: 'no' } }],
    ['among schemas that must all hold', { allOf: [{ $ref: '#/$defs/Code' }, { not: { const: 'no' } }] }],
    ['in one of several shapes', { anyOf: [{ ...TEXT, not: { const: 'no' } }, NUMBER] }],
    ['where null may stand', { anyOf: [{ ...TEXT, not: { const: 'no' } }, { type: 'null' }] }],
  ])('%s', (_, it) => {
    const { json, tell } = hold(it, { Code: TEXT })
    expect(JSON.stringify(json)).toContain('not exactly \\"no\\"')
    expect(tell('yes')).toBe('right')
    expect(tell('no')).toBe('- it: it must not be exactly "no"; got "no"')
  })

  test('as deep as a schema holds itself', () => {
    const Node = {
      type: 'object',
      properties: { name: { ...TEXT, not: { const: 'no' } }, next: { $ref: '#/$defs/Node' } },
      required: ['name'],
    }
    const { tell } = hold({ $ref: '#/$defs/Node' }, { Node })
    expect(tell({ name: 'a', next: { name: 'b', next: null } })).toBe('right')
    expect(tell({ name: 'a', next: { name: 'no', next: null } })).toBe(
      '- it.next.name: it must not be exactly "no"; got "no"',
    )
  })

  test('once, where the library of the schema tells it too', () => {
    const schema = z.object({ it: z.string().refine((text) => text !== 'no', 'never no') })
    const input = (): Record<string, unknown> => ({
      type: 'object',
      properties: { it: { ...TEXT, not: { const: 'no' } } },
      required: ['it'],
    })
    const { '~standard': standard } = schema
    const telling = { '~standard': { ...standard, vendor: 'other', jsonSchema: { input, output: input } } }
    expect(compile(telling, 'Test').decode({ it: 'no' })).toEqual({
      ok: false,
      issues: [{ path: 'it', message: 'never no', got: '"no"' }],
    })
  })
})

describe('alternatives beside a shape are written out with it', () => {
  const card = { properties: { kind: { const: 'card' }, digits: TEXT }, required: ['digits'] }
  const cash = { properties: { kind: { const: 'cash' } } }
  const base = { type: 'object', properties: { kind: { enum: ['card', 'cash'] }, note: TEXT }, required: ['kind'] }
  const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  })
  const note = { type: ['string', 'null'] } as const
  const both = [
    object({ kind: { const: 'card', ...TEXT }, note, digits: TEXT }),
    object({ kind: { const: 'cash', ...TEXT }, note }),
  ]

  test.each<[string, object]>([
    ['one of several', { ...base, oneOf: [card, cash] }],
    ['any of several', { ...base, anyOf: [card, cash] }],
    ['by reference', { ...base, anyOf: [{ $ref: '#/$defs/card' }, cash] }],
    ['among schemas that must all hold', { allOf: [base, { anyOf: [card, cash] }] }],
    ['beside a reference', { $ref: '#/$defs/base', anyOf: [card, cash] }],
    ['an impossible one left out', { ...base, anyOf: [card, cash, { properties: { kind: { const: 'cheque' } } }] }],
  ])('%s', (_, it) => {
    const { json, tell } = hold(it, { card, base })
    expect(json?.anyOf).toEqual(both)
    expect(tell({ kind: 'card', note: null, digits: '1' })).toBe('right')
    expect(tell({ kind: 'cash', note: 'x' })).toBe('right')
  })

  test('values of text with a title each are values of text', () => {
    const it = {
      ...TEXT,
      oneOf: [
        { const: 'a', title: 'First' },
        { const: 'b', title: 'Second' },
      ],
    }
    expect(hold(it).json?.anyOf).toEqual([
      { ...TEXT, const: 'a', title: 'First' },
      { ...TEXT, const: 'b', title: 'Second' },
    ])
  })

  test('a type beside references stays one of references', () => {
    const { json } = hold(
      { type: 'object', oneOf: [{ $ref: '#/$defs/base' }, { $ref: '#/$defs/other' }] },
      {
        base,
        other: { type: 'object', properties: { b: TEXT } },
      },
    )
    expect(json?.anyOf).toEqual([{ $ref: '#/$defs/base' }, { $ref: '#/$defs/other' }])
  })

  test('both kinds of alternatives at once', () => {
    const { json } = hold({ anyOf: [{ minimum: 1 }, { maximum: -1 }], oneOf: [NUMBER, { type: 'integer' }] })
    expect(json?.anyOf).toHaveLength(4)
  })
})

describe('keys without names', () => {
  const key = (pattern?: string): JsonSchema => ({ ...TEXT, ...(pattern !== undefined && { pattern }) })
  const pair = (name: JsonSchema, value: JsonSchema): JsonSchema => ({
    type: 'object',
    properties: { key: name, value },
    required: ['key', 'value'],
    additionalProperties: false,
  })

  test('beside named ones stand as pairs at one more name, and come back among them', () => {
    const { json, decode } = compile(z.object({ a: z.string().optional() }).catchall(z.number()), 'Test')
    expect(json.properties?.['others']).toEqual({
      type: 'array',
      items: pair(key(), NUMBER),
      description: 'further properties (each key once)',
    })
    const others = [
      { key: 'b', value: 1 },
      { key: 'others', value: 2 },
    ]
    expect(decode({ a: null, others })).toEqual({ ok: true, value: { b: 1, others: 2 } })
    expect(decode({ a: 'x', b: 1 })).toEqual({ ok: true, value: { a: 'x', b: 1 } })
    expect(decode({ a: 'x', others: [{ key: 'a', value: 1 }] })).toMatchObject({
      ok: false,
      issues: [{ path: '', message: 'A key stands twice.', got: '"a"' }, { path: 'a' }],
    })
  })

  test('take another name where that one is taken', () => {
    const { json, decode } = compile(z.object({ others: z.string() }).catchall(z.number()), 'Test')
    expect(Object.keys(json.properties ?? {})).toEqual(['others', 'others_'])
    expect(decode({ others: 'x', others_: [{ key: 'b', value: 1 }] })).toEqual({
      ok: true,
      value: { others: 'x', b: 1 },
    })
  })

  test('that several patterns choose are pairs of several kinds', () => {
    const optional = { type: 'object', properties: { n: NUMBER } }
    const { json, tell } = hold({
      type: 'object',
      patternProperties: { '^s': TEXT, '^o': optional, '^.x': { minLength: 2 } },
    })
    expect(json?.items?.anyOf).toHaveLength(3)
    expect(
      tell([
        { key: 's1', value: 'x' },
        { key: 'o1', value: { n: null } },
      ]),
    ).toBe('right')
    expect(tell([{ key: 'sx', value: 'x' }])).toBe('- it.sx: it must have at least 2 characters; got "x"')
  })

  test('of which some are required have these by name', () => {
    const { json } = hold({ type: 'object', additionalProperties: NUMBER, required: ['total'] })
    expect(json?.properties).toMatchObject({ total: NUMBER, others: { type: 'array' } })
  })

  test('that may never be given are not there', () => {
    const { json } = hold({ type: 'object', properties: { a: TEXT, b: false, c: { not: {} } } })
    expect(Object.keys(json?.properties ?? {})).toEqual(['a'])
  })
})

describe('what cannot be held is refused by its path, saying what to do', () => {
  test.each<[string, object, string]>([
    [
      'a format within a condition',
      { ...TEXT, not: { format: 'email' } },
      'uses the format "email" within a condition',
    ],
    [
      'a pattern of another engine within a condition',
      { ...TEXT, not: { pattern: '(?i)^a' } },
      'has the pattern "(?i)^a" within what is held by itself',
    ],
    [
      'properties that nothing names within a condition',
      { type: 'object', if: { unevaluatedProperties: false }, then: {} },
      'uses "unevaluatedProperties" within what is held by itself',
    ],
    [
      'a reference to nothing within a condition',
      { ...TEXT, not: { $ref: '#/$defs/No' } },
      'refers to nothing by #/$defs/No',
    ],
    [
      'keys by a pattern that is none',
      { type: 'object', patternProperties: { '(': TEXT } },
      'chooses its keys by the pattern "(", which is none in JavaScript',
    ],
    [
      'more alternatives than anybody reads',
      { allOf: [1, 2, 3].map(() => ({ anyOf: [1, 2, 3, 4, 5, 6].map((minimum) => ({ ...NUMBER, minimum })) })) },
      'combines more than 200 alternatives',
    ],
  ])('%s', (_, it, what) => {
    expect(() => hold(it)).toThrow(`Test.it ${what}`)
    expect(() => hold(it)).toThrow(/which a strict schema cannot say\. [A-Z].+\. \(The schema is one of homemade\.\)$/)
  })
})
