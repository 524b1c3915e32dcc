// What has no shape of its own: a model writes it as JSON text, and what that says is held against the user's schema.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonSchema } from '../../contracts/schema.ts'
import { compile } from '../compile.ts'
import { emitting } from '../emitted.fixture.ts'
import { explain } from '../explain.ts'

const text = (what: string): JsonSchema => ({ type: 'string', description: `${what}, as JSON text` })

describe('is said as JSON text, and comes back as what that says', () => {
  test.each<[string, z.ZodType, JsonSchema, unknown, unknown]>([
    ['any value', z.any(), text('any value'), '[1,"a",null]', [1, 'a', null]],
    ['text that is any value', z.unknown(), text('any value'), '"a"', 'a'],
    ['nothing that is any value', z.unknown(), text('any value'), 'null', null],
    ['a record of anything', z.record(z.string(), z.unknown()), text('an object'), '{"a":{"b":1}}', { a: { b: 1 } }],
    [
      'a loose object',
      z.looseObject({}).describe('Notes.'),
      { type: 'string', description: 'Notes. (an object, as JSON text)' },
      '{"a":1}',
      { a: 1 },
    ],
    [
      'an object or nothing',
      z.looseObject({}).nullable(),
      { type: ['string', 'null'], description: 'an object, as JSON text' },
      null,
      null,
    ],
    ['text or any object', z.union([z.string(), z.looseObject({})]), text('string or object'), '"{}"', '{}'],
    ['a list of anything', z.array(z.unknown()), { type: 'array', items: text('any value') }, ['1', '"1"'], [1, '1']],
    [
      'the value itself, of a model that is not held to the form',
      z.looseObject({}),
      text('an object'),
      { a: 1 },
      { a: 1 },
    ],
  ])('%s', (_, it, json, written, value) => {
    const { json: whole, decode } = compile(z.object({ it }), 'Test')
    expect(whole.properties?.['it']).toEqual(json)
    expect(decode({ it: written })).toEqual({ ok: true, value: { it: value } })
  })

  test.each<[string, object, JsonSchema | undefined]>([
    ['an object without a word on it', { type: 'object' }, text('an object')],
    ['a schema that is true', { type: 'array', items: true }, { type: 'array', items: text('any value') }],
    [
      'what is only bounded',
      { minLength: 2 },
      { type: 'string', description: 'at least 2 characters (any value, as JSON text)' },
    ],
  ])('%s', (_, it, json) => {
    expect(compile(emitting({ properties: { it }, required: ['it'] }), 'Test').json.properties?.['it']).toEqual(json)
  })

  test('what must be there and has no name', () => {
    const { json } = compile(emitting({ type: 'object', properties: {}, required: ['a'] }), 'Test')
    expect(json.properties).toEqual({ a: text('any value') })
  })

  test('a whole input of any shape', () => {
    const { json, decode } = compile(z.record(z.string(), z.unknown()), 'Test')
    expect(json.properties).toEqual({ value: text('an object') })
    expect(decode({ value: '{"a":1}' })).toEqual({ ok: true, value: { a: 1 } })
  })

  test('left out, where it may be', () => {
    const { decode } = compile(z.object({ it: z.looseObject({}).optional() }), 'Test')
    expect(decode({ it: null })).toEqual({ ok: true, value: {} })
  })
})

describe('is refused by its place', () => {
  test.each<[string, z.ZodType, string, string]>([
    ['where it is no JSON', z.unknown(), 'hello', '- it: It is no JSON text; got "hello"'],
    [
      'where it is not the object that is wanted',
      z.looseObject({}),
      '[1]',
      '- it: Invalid input: expected object, received array; got [1]',
    ],
    [
      'where a number would be rounded',
      z.unknown(),
      '{"id":12345678901234567890}',
      '- it: id is 12345678901234567890, a number that would be rounded here',
    ],
    ['where a key stands twice', z.unknown(), '{"a":1,"a":2}', '- it: a stands there twice'],
    [
      'where it nests too deep',
      z.unknown(),
      `${'['.repeat(300)}${']'.repeat(300)}`,
      'nested more than 200 levels deep',
    ],
  ])('%s', (_, it, written, complaint) => {
    const decoded = compile(z.object({ it }), 'Test').decode({ it: written })
    expect(decoded.ok ? '' : explain(decoded.issues)).toContain(complaint)
  })
})

test('keys that a pattern chooses are those of a record', () => {
  const { json, decode } = compile(
    emitting({ type: 'object', patternProperties: { '^a': { type: 'number' } } }),
    'Test',
  )
  expect(json.properties?.['value']?.items?.properties).toEqual({
    key: { type: 'string', pattern: '^a' },
    value: { type: 'number' },
  })
  expect(decode({ value: [{ key: 'ab', value: 1 }] })).toEqual({ ok: true, value: { ab: 1 } })
})

test.each<[string, object]>([
  [
    'that only a condition names',
    { if: { required: ['a'] }, then: { properties: { pin: { type: 'string', secret: true } } } },
  ],
  ['among keys', { type: 'object', propertyNames: { type: 'string', secret: true } }],
])('a secret within what is written as JSON text is refused, as its token could not be found: %s', (_, it) => {
  expect(() => compile(emitting({ properties: { it } }), 'Test')).toThrow(
    'Test.it has a secret and is written as JSON text, which a strict schema cannot say. Name its type and properties.',
  )
})

test('keys that only a pattern chooses make an object of what says no type', () => {
  const { json } = compile(
    emitting({ properties: { it: { patternProperties: { '^a': { type: 'number' } } } } }),
    'Test',
  )
  expect(json.properties?.['it']?.anyOf?.[0]?.type).toBe('array')
})

test.each([
  ['in place', z.object({ password: z.string().meta({ secret: true }) })],
  ['by its name', z.object({ password: z.string().meta({ secret: true }) }).meta({ id: 'Login' })],
])('a secret among shapes of which one is any is refused, as its token could not be found: %s', (_, login) => {
  const it = z.union([login, z.looseObject({})])
  expect(() => compile(z.object({ it }), 'Test')).toThrow('Test.it has a secret in one shape and is of any in another')
})
