// Schemas that say more than one thing of a place: said exactly, said in words, or refused where no value has them all.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonSchema } from '../contracts/schema.ts'
import { compile } from './compile.ts'
import { emitting } from './emitted.fixture.ts'

const TEXT = { type: 'string' } as const

function said(it: object, $defs: object = {}): JsonSchema | undefined {
  return compile(emitting({ properties: { it }, required: ['it'], $defs }), 'Test').json.properties?.['it']
}

describe('what no service can use, or no call can satisfy, is refused by its path', () => {
  test.each<[string, object, string]>([
    ['a pattern that is none', { type: 'string', pattern: '(' }, 'has the pattern "(", which is none'],
    ['a class of characters without an end', { type: 'string', pattern: '[a' }, 'has the pattern "[a", which is none'],
    ['a multiple of nothing', { type: 'number', multipleOf: 0 }, 'is to be a multiple of 0'],
    ['a multiple of less', { type: 'integer', multipleOf: -2 }, 'is to be a multiple of -2'],
    [
      'a required property that is not there',
      { type: 'object', properties: { a: TEXT }, required: ['a', 'b'], additionalProperties: false },
      'requires b and has no such property',
    ],
    ['text that is one of some numbers', { type: 'string', enum: [1, 2] }, 'is of type string and one of 1, 2'],
    ['a whole number that is not', { type: 'integer', const: 1.5 }, 'is of type integer and one of 1.5'],
    [
      'a number or nothing that is text',
      { type: ['number', 'null'], enum: ['1'] },
      'is of type number or null and one of "1"',
    ],
  ])('%s', (_, it, what) => {
    expect(() => said(it)).toThrow(`Test.it ${what}, which a strict schema cannot say. `)
  })
})

describe('what another engine or library writes in its own way stays', () => {
  test.each([
    ['a named group of Python', '^(?P<year>\\d{4})$'],
    ['a flag in front', '(?i)^abc$'],
    ['a needless escape', '^[\\w\\-.]+$'],
    ['letters of any language', '^\\p{L}+$'],
    ['a repetition that gives nothing back', '^a++$'],
  ])('%s', (_, pattern) => {
    expect(said({ type: 'string', pattern })).toEqual({ type: 'string', pattern })
  })

  test('values of which some are of the type', () => {
    expect(said({ type: 'string', enum: ['a', null] })?.anyOf).toHaveLength(2)
    expect(said({ type: 'string', enum: ['a', 1, {}] })).toEqual({ type: 'string', enum: ['a'] })
    expect(said({ type: 'integer', enum: [1, 1.5] })).toEqual({ type: 'integer', enum: [1] })
  })

  test('alternatives of which some are of the type', () => {
    expect(said({ type: 'string', oneOf: [{ const: 'a' }, { const: 1 }, { enum: [null, {}] }] })).toEqual({
      type: 'string',
      const: 'a',
    })
  })
})

describe('bounds', () => {
  test.each<[string, object, JsonSchema]>([
    [
      'more than, as draft 4 says it',
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      { type: 'number', exclusiveMinimum: 1 },
    ],
    [
      'less than, as draft 4 says it',
      { type: 'integer', maximum: 9, exclusiveMaximum: true },
      { type: 'integer', exclusiveMaximum: 9 },
    ],
    [
      'at least, as draft 4 says it',
      { type: 'number', minimum: 1, exclusiveMinimum: false },
      { type: 'number', minimum: 1 },
    ],
  ])('%s', (_, it, json) => {
    expect(said(it)).toEqual(json)
  })

  test.each<[string, object, string | undefined]>([
    ['at least so many properties', { minProperties: 2 }, 'at least 2 of its properties given'],
    [
      'at most so many properties',
      { maxProperties: 1, description: 'One.' },
      'One. (at most 1 of its properties given)',
    ],
    ['what the names say already', { minProperties: 1, maxProperties: 3, required: ['a'] }, undefined],
  ])('%s', (_, more, description) => {
    expect(said({ type: 'object', properties: { a: TEXT, b: TEXT, c: TEXT }, ...more })?.description).toBe(description)
  })

  test.each<[string, object, object, string | undefined]>([
    ['a length', TEXT, { minLength: 2, maxLength: 4 }, 'at least 2 characters, at most 4 characters'],
    ['a pattern', TEXT, { pattern: '^a', description: 'A code.' }, 'A code. (matching /^a/)'],
    ['bounds of a number', { type: 'number' }, { minimum: 1, exclusiveMaximum: 5 }, 'at least 1, less than 5'],
    [
      'a length of a list',
      { type: 'array', items: TEXT },
      { minItems: 1, uniqueItems: true },
      'at least 1 items, no item twice',
    ],
    ['some values', TEXT, { enum: ['a', 'b'] }, 'one of "a", "b"'],
    ['a required property', { type: 'object', properties: { a: TEXT } }, { required: ['a'] }, 'never without "a"'],
    ['what stands there too', { type: 'string', minLength: 2 }, { minLength: 2, type: 'string' }, undefined],
    ['the bounds of safe integers', { type: 'integer' }, { maximum: Number.MAX_SAFE_INTEGER }, undefined],
  ])('%s beside a reference: in words', (_, Part, beside, description) => {
    const json = said({ $ref: '#/$defs/Part', ...beside }, { Part })
    expect(json).toEqual(
      description === undefined ? { $ref: '#/$defs/Part' } : { description, anyOf: [{ $ref: '#/$defs/Part' }] },
    )
  })

  test('of a named schema that was made narrower', () => {
    const code = z.string().meta({ id: 'Code' })
    const { json } = compile(z.object({ any: code, long: code.min(3) }), 'Test')
    expect(json.properties).toEqual({
      any: { $ref: '#/$defs/Code' },
      long: { description: 'at least 3 characters', anyOf: [{ $ref: '#/$defs/Code' }] },
    })
  })
})

describe('properties beside a reference', () => {
  const Base = { type: 'object', properties: { a: TEXT }, required: ['a'] }
  const both: JsonSchema = {
    type: 'object',
    properties: { b: TEXT, a: TEXT },
    required: ['b', 'a'],
    additionalProperties: false,
  }
  const extended = { $ref: '#/$defs/Base', properties: { b: TEXT }, required: ['b'] }

  test.each([
    ['at a place', extended],
    ['among schemas that must all hold', { allOf: [extended] }],
  ])('are put together with what it refers to: %s', (_, it) => {
    expect(said(it, { Base })).toEqual(both)
  })

  test('are put together at the root', () => {
    expect(compile(emitting({ ...extended, $defs: { Base } }), 'Test').json).toEqual(both)
  })

  test('are put together where they refer to what they stand in', () => {
    const Node = { type: 'object', properties: { next: { $ref: '#/$defs/Node', properties: { b: TEXT } } } }
    const { decode } = compile(emitting({ ...Node, $defs: { Node } }), 'Test')
    expect(decode({ next: { b: 'x', next: { b: null, next: null } } })).toEqual({
      ok: true,
      value: { next: { b: 'x', next: {} } },
    })
  })
})

describe('an object without properties has no arguments', () => {
  const none = { type: 'object', properties: {}, required: [], additionalProperties: false }

  test.each([
    ['that says that there are none', { type: 'object', additionalProperties: false }],
    ['that says nothing', { type: 'object' }],
    ['that lists none', { type: 'object', properties: {} }],
    ['that is loose', { type: 'object', properties: {}, additionalProperties: {} }],
    ['that is loose, in other words', { type: 'object', properties: {}, additionalProperties: true }],
  ])('at the root, %s', (_, root) => {
    const { json, wrapped, decode } = compile(emitting(root), 'Test')
    expect([json, wrapped, decode({})]).toEqual([none, false, { ok: true, value: {} }])
  })

  test('inside, where it says that there are none', () => {
    expect(said({ type: 'object', additionalProperties: false })).toEqual(none)
  })
})
