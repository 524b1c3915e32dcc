import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkStrict } from './check.ts'
import { STRICT_LIMITS } from './limits.ts'

const object = (properties: object, more: object = {}): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})

const file = join(import.meta.dirname, '../../../../../shared/data/openai/strict-schemas.json')

describe.skipIf(!existsSync(file))('schemas that the API accepted (skipped where ../shared/data is not there)', () => {
  const { accepted = [] } = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { accepted: { title?: string }[] })
    : {}

  test('there are forty', () => {
    expect(accepted).toHaveLength(40)
  })

  test.each(accepted.map((schema, at) => [`${at} ${schema.title ?? ''}`, schema] as const))(
    '%s passes',
    (_, schema) => {
      expect(checkStrict(schema)).toEqual([])
    },
  )
})

describe('what passes', () => {
  test.each([
    ['null beside the values of an enum', object({ a: { type: ['string', 'null'], enum: ['x', 'y'] } })],
    ['a reference to the root', object({ a: { anyOf: [{ $ref: '#' }, { type: 'null' }] } })],
    [
      'a reference to a definition of an odd name',
      object({ a: { $ref: '#/$defs/a~1b' } }, { $defs: { 'a/b': { type: 'string' } } }),
    ],
    [
      'bounds',
      object({
        a: { type: 'integer', minimum: 1, multipleOf: 2 },
        b: { type: 'array', items: { type: 'string' }, minItems: 1 },
      }),
    ],
    [
      'properties with the names of keywords',
      object({ type: { type: 'string' }, $ref: { type: 'string' }, allOf: { type: 'string' } }),
    ],
    ['a pattern with an escaped parenthesis', object({ a: { type: 'string', pattern: '\\(?=' } })],
  ])('%s', (_, schema) => {
    expect(checkStrict(schema)).toEqual([])
  })
})

describe('what is refused', () => {
  test.each([
    ['an alternative at the root', { anyOf: [object({})] }, 'root', 'The root must be an object.'],
    ['a list at the root', { type: 'array', items: { type: 'string' } }, 'root', 'The root must be an object.'],
    ['no type', object({ a: {} }), 'shape', '#/properties/a must say a type.'],
    ['an unknown type', object({ a: { type: 'date' } }), 'shape', '#/properties/a must say a type.'],
    ['a boolean schema', object({ a: true }), 'shape', '#/properties/a must be an object that says a type.'],
    [
      'no alternatives',
      object({ a: { anyOf: [] } }),
      'shape',
      '#/properties/a must list at least one schema in "anyOf".',
    ],
    [
      'an optional property',
      { ...object({ a: { type: 'string' } }), required: [] },
      'object',
      '# must require all its properties: a.',
    ],
    [
      'a required property that is not there',
      object({}, { required: ['a'] }),
      'object',
      '# requires what it does not have: a.',
    ],
    [
      'an open object',
      object({}, { additionalProperties: true }),
      'object',
      '# must have "additionalProperties": false.',
    ],
    [
      'an object without properties',
      object({ a: { type: 'object', additionalProperties: false } }),
      'object',
      '#/properties/a must name its properties.',
    ],
    ['a list of anything', object({ a: { type: 'array' } }), 'list', '#/properties/a must say what its items are.'],
    [
      'a length of text',
      object({ a: { type: 'string', minLength: 1 } }),
      'keyword',
      '#/properties/a may not have "minLength".',
    ],
    ['a combination', object({}, { allOf: [] }), 'keyword', '# may not have "allOf".'],
    [
      'exactly one of several',
      object({ a: { type: 'string', oneOf: [] } }),
      'keyword',
      '#/properties/a may not have "oneOf".',
    ],
    [
      'a description beside a reference',
      object({ a: { $ref: '#', description: 'A.' } }),
      'keyword',
      '#/properties/a may not have "description".',
    ],
    [
      'definitions below the root',
      object({ a: object({}, { $defs: {} }) }),
      'keyword',
      '#/properties/a may not have "$defs".',
    ],
    [
      'a reference into properties',
      object({ a: { $ref: '#/properties/a' } }),
      'reference',
      '#/properties/a refers to #/properties/a, which is neither the root nor a definition.',
    ],
    [
      'a reference to nowhere',
      object({ a: { $ref: '#/$defs/X' } }),
      'reference',
      '#/properties/a refers to #/$defs/X, which is neither the root nor a definition.',
    ],
    [
      'a foreign format',
      object({ a: { type: 'string', format: 'uri' } }),
      'format',
      '#/properties/a has the format "uri", which is none of: date-time, time, date, duration, email, hostname, ipv4, ipv6, uuid.',
    ],
    [
      'a pattern that looks ahead',
      object({ a: { type: 'string', pattern: '(?!a)b' } }),
      'pattern',
      '#/properties/a may not look around or back in its pattern.',
    ],
    [
      'a pattern that looks behind',
      object({ a: { type: 'string', pattern: '(?<=a)b' } }),
      'pattern',
      '#/properties/a may not look around or back in its pattern.',
    ],
    [
      'a pattern that refers back',
      object({ a: { type: 'string', pattern: '(a)\\1' } }),
      'pattern',
      '#/properties/a may not look around or back in its pattern.',
    ],
    [
      'values of another type',
      object({ a: { type: 'string', enum: ['x', 1] } }),
      'values',
      '#/properties/a lists 1, which is not of its type.',
    ],
    [
      'a constant of another type',
      object({ a: { type: 'integer', const: 1.5 } }),
      'values',
      '#/properties/a lists 1.5, which is not of its type.',
    ],
    [
      'an empty enum',
      object({ a: { type: 'string', enum: [] } }),
      'values',
      '#/properties/a must list at least one value in "enum".',
    ],
    [
      'a fault in an alternative of a definition',
      object({}, { $defs: { A: { anyOf: [{}] } } }),
      'shape',
      '#/$defs/A/anyOf/0 must say a type.',
    ],
  ])('%s', (_, schema, rule, message) => {
    expect(checkStrict(schema)).toContainEqual({ path: expect.any(String) as string, rule, message })
  })
})

const many = (count: number, text = (at: number): string => `v${at}`): string[] =>
  Array.from({ length: count }, (_, at) => text(at))
const messages = (schema: object, limits = STRICT_LIMITS): string[] =>
  checkStrict(schema, limits).map(({ message }) => message)
const long = (at: number): string => `${at}`.padStart(61, '0')

describe('limits', () => {
  test('the figures are those of the service', () => {
    expect(STRICT_LIMITS).toMatchObject({
      properties: 5_000,
      depth: 10,
      characters: 120_000,
      enumValues: 1_000,
      largeEnum: 250,
      largeEnumCharacters: 15_000,
    })
  })

  test('the values of all enums count together', () => {
    const half = { type: 'string', enum: many(500) }
    expect(messages(object({ a: half, b: half }))).toEqual([])
    expect(messages(object({ a: half, b: half, c: { type: 'string', enum: ['x'] } }))).toEqual([
      '# has 1001 enum values, and 1000 is the most.',
    ])
  })

  test('names of properties and definitions, values and constants count as characters', () => {
    const schema = object(
      { abc: { type: 'string', enum: ['de'] }, fg: { type: 'string', const: 'h' } },
      { $defs: { ijk: { type: 'null' } } },
    )
    expect(messages(schema, { ...STRICT_LIMITS, characters: 11 })).toEqual([])
    expect(messages(schema, { ...STRICT_LIMITS, characters: 10 })).toEqual([
      '# has 11 characters of names and values, and 10 is the most.',
    ])
  })

  test('alternatives may be any number', { tags: 'slow' }, () => {
    expect(messages(object({ a: { anyOf: many(200_000).map(() => ({ type: 'null' })) } }))).toEqual([])
  })

  test('only a large enum is bounded in its characters', () => {
    expect(messages(object({ a: { type: 'string', enum: many(250, long) } }))).toEqual([])
    expect(messages(object({ a: { type: 'string', enum: many(251, long) } }))).toEqual([
      '#/properties/a has 15311 characters in an enum of 251 values, and 15000 is the most.',
    ])
  })

  test('lists and objects are levels, alternatives and references are not', () => {
    const deep = (levels: number): object =>
      levels === 0 ? { $ref: '#' } : { anyOf: [{ type: 'array', items: deep(levels - 1) }, { type: 'null' }] }
    expect(messages(object({ a: deep(9) }))).toEqual([])
    expect(messages(object({ a: deep(10) }))).toEqual(['# has 11 levels of nesting, and 10 is the most.'])
  })
})
