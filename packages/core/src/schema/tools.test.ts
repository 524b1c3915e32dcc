// Inputs as servers and lists of tools write them: old drafts, OpenAPI, other languages, and what nobody meant.
import { expect, test } from 'vitest'
import type { JsonSchema } from '../contracts/schema.ts'
import { compile } from './compile.ts'
import { emitting } from './emitted.fixture.ts'

const TEXT = { type: 'string' } as const
const ANY: JsonSchema = { ...TEXT, description: 'any value, as JSON text' }
const FREE: JsonSchema = { ...TEXT, description: 'an object, as JSON text' }

const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

/** A place of a tool's input, what a model is told of it, and what it writes there for what the tool gets. */
test.each<[string, object, JsonSchema, unknown, unknown]>([
  ['notes of all kinds', { ...TEXT, $comment: 'c', examples: ['x'], default: 'x', deprecated: true }, TEXT, 'x', 'x'],
  ['a format that nobody knows', { ...TEXT, format: 'path' }, { ...TEXT, description: 'format path' }, '/', '/'],
  ['text or null, in a list', { type: ['string', 'null'] }, { type: ['string', 'null'] }, null, null],
  ['text or null, as alternatives', { anyOf: [TEXT, { type: 'null' }] }, { type: ['string', 'null'] }, null, null],
  ['text or null, as OpenAPI has it', { ...TEXT, nullable: true }, { type: ['string', 'null'] }, null, null],
  [
    'a shape or null, as OpenAPI has it',
    { $ref: '#/$defs/Point', nullable: true },
    { anyOf: [{ $ref: '#/$defs/Point' }, { type: 'null' }] },
    null,
    null,
  ],
  [
    'a shape that is extended, or null',
    { allOf: [{ $ref: '#/$defs/Point' }], nullable: true, description: 'Where.' },
    { anyOf: [object({ x: { type: 'number' } }), { type: 'null' }], description: 'Where.' },
    null,
    null,
  ],
  [
    'several shapes or null',
    { oneOf: [TEXT, { type: 'number' }], nullable: true },
    { type: ['string', 'number', 'null'] },
    null,
    null,
  ],
  ['not null, said of it', { ...TEXT, nullable: false }, TEXT, 'x', 'x'],
  [
    'values of which one is null',
    { enum: ['a', null] },
    { anyOf: [{ ...TEXT, enum: ['a'] }, { type: 'null' }] },
    null,
    null,
  ],
  ['a constant without a type', { const: 5 }, { type: 'number', const: 5 }, 5, 5],
  ['an object whose others may be anything', { type: 'object', additionalProperties: {} }, FREE, '{"a":1}', { a: 1 }],
  ['an object with anything', { type: 'object', additionalProperties: true }, FREE, '{}', {}],
  ['no schema at all', {}, ANY, '[1]', [1]],
  [
    'a description alone',
    { description: 'It.' },
    { ...TEXT, description: 'It. (any value, as JSON text)' },
    '"a"',
    'a',
  ],
  ['a list without items', { type: 'array' }, { type: 'array', items: ANY }, ['1'], [1]],
  ['a list of an empty list of places', { type: 'array', items: [] }, { type: 'array', items: ANY }, ['1'], [1]],
  ['an older tuple', { type: 'array', items: [TEXT, TEXT] }, { type: 'array', items: TEXT, maxItems: 2 }, ['a'], ['a']],
  [
    'a tuple',
    { type: 'array', prefixItems: [TEXT, TEXT], items: false, minItems: 2 },
    { type: 'array', items: TEXT, minItems: 2, maxItems: 2 },
    ['a', 'b'],
    ['a', 'b'],
  ],
  ['a dict', { type: 'dict', properties: { a: TEXT }, required: ['a'] }, object({ a: TEXT }), { a: 'x' }, { a: 'x' }],
  ['a dict of anything', { type: 'dict' }, FREE, '{"a":1}', { a: 1 }],
  ['a float', { type: 'float', minimum: 0 }, { type: 'number', minimum: 0 }, 0.5, 0.5],
  ['an int, in a list of types', { type: ['int', 'none'] }, { type: ['integer', 'null'] }, 1, 1],
  [
    'a tuple of another language',
    { type: 'tuple', items: { type: 'float' } },
    { type: 'array', items: { type: 'number' } },
    [1],
    [1],
  ],
  ['any', { type: 'any', description: 'It.' }, { ...TEXT, description: 'It. (any value, as JSON text)' }, '1', 1],
  [
    'a type that is empty',
    { type: '', description: 'It.' },
    { ...TEXT, description: 'It. (any value, as JSON text)' },
    '1',
    1,
  ],
  [
    'a list of another language',
    { type: 'ArrayList', items: { type: 'String' } },
    { type: 'array', items: TEXT },
    ['a'],
    ['a'],
  ],
  [
    'a list with the values of its items beside it',
    { type: 'array', items: TEXT, enum: ['a', 'b'] },
    { type: 'array', items: { ...TEXT, enum: ['a', 'b'] } },
    ['b'],
    ['b'],
  ],
  ['types in capitals', { type: 'STRING' }, TEXT, 'x', 'x'],
  ['a boolean of another language', { type: 'Boolean' }, { type: 'boolean' }, true, true],
  [
    'keywords that are null',
    { type: 'object', properties: null, required: null, description: null, additionalProperties: null },
    FREE,
    '{}',
    {},
  ],
  ['values that are null', { ...TEXT, enum: null, default: null }, TEXT, 'x', 'x'],
  [
    'a property that is called as a keyword is',
    { type: 'object', properties: { type: TEXT, nullable: TEXT } },
    object({ type: { type: ['string', 'null'] }, nullable: { type: ['string', 'null'] } }),
    { type: 'x', nullable: null },
    { type: 'x' },
  ],
  [
    'shapes with a discriminator',
    {
      oneOf: [
        { type: 'object', properties: { kind: { type: 'string', enum: ['a'] } }, required: ['kind'] },
        { type: 'object', properties: { kind: { type: 'string', enum: ['b'] } }, required: ['kind'] },
      ],
      discriminator: { propertyName: 'kind' },
    },
    { anyOf: [object({ kind: { ...TEXT, enum: ['a'] } }), object({ kind: { ...TEXT, enum: ['b'] } })] },
    { kind: 'b' },
    { kind: 'b' },
  ],
  [
    'one shape that is combined with nothing, as Pydantic writes it',
    { allOf: [{ $ref: '#/$defs/Point' }], description: 'Where.' },
    { ...object({ x: { type: 'number' } }), description: 'Where.' },
    { x: 1 },
    { x: 1 },
  ],
  ['a reference into a place', { $ref: '#/$defs/Point/properties/x' }, { type: 'number' }, 1, 1],
  [
    'bounds of a list and its items',
    { type: 'array', items: { ...TEXT, minLength: 1 }, minItems: 1 },
    { type: 'array', items: { ...TEXT, description: 'at least 1 characters' }, minItems: 1 },
    ['a'],
    ['a'],
  ],
])('%s', (_, it, json, written, value) => {
  const $defs = { Point: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] } }
  const $schema = 'http://json-schema.org/draft-07/schema#'
  const input = { $schema, title: 'Input', type: 'object', properties: { it }, required: ['it'], $defs }
  const compiled = compile(emitting(input), 'Test')
  expect(compiled.json.properties?.['it']).toEqual(json)
  expect(compiled.decode({ it: written })).toEqual({ ok: true, value: { it: value } })
})

test.each<[string, object]>([
  [
    'draft 4',
    {
      id: 'http://example.com/tool',
      type: 'object',
      definitions: { A: TEXT },
      properties: { a: { $ref: '#/definitions/A' } },
    },
  ],
  ['a dict at the root', { type: 'dict', properties: { a: TEXT }, required: null }],
  ['no type at the root', { properties: { a: TEXT } }],
])('a whole input in the way of %s is an object', (_, input) => {
  const { json, wrapped, decode } = compile(emitting(input), 'Test')
  expect([wrapped, Object.keys(json.properties ?? {})]).toEqual([false, ['a']])
  expect(decode({ a: null })).toEqual({ ok: true, value: {} })
})
