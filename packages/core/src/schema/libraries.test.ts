// Schemas of other libraries than Zod, as those emit them today.
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import type { JsonSchema, Schema } from '../contracts/schema.ts'
import { compile } from './compile.ts'

const TEXT = { type: 'string' } as const

function valibot(it: v.GenericSchema): Schema {
  return toStandardJsonSchema(v.object({ it }))
}

/** A schema as Effect emits one: it says null for undefined, and takes both. */
function effect(it: object): Schema {
  const input = (): Record<string, unknown> => ({
    type: 'object',
    properties: { it },
    required: ['it'],
    additionalProperties: true,
  })
  const validate = (value: unknown) => {
    const { it: part } = value as { readonly it?: unknown }
    if (part !== null && typeof part !== 'string')
      return { issues: [{ path: ['it'], message: 'Expected string | undefined' }] }
    return { value: { it: part?.trim() } }
  }
  return { '~standard': { version: 1, vendor: 'effect', validate, jsonSchema: { input, output: input } } }
}

const text = type('string')

describe('a part is said in strict form, and held by its library', () => {
  test.each<[string, Schema, JsonSchema, unknown, unknown, unknown]>([
    ['Valibot: optional', valibot(v.optional(v.string())), { type: ['string', 'null'] }, null, undefined, 1],
    ['Valibot: a default', valibot(v.optional(v.string(), 'x')), { type: ['string', 'null'] }, null, 'x', 1],
    [
      'Valibot: trim',
      valibot(v.pipe(v.string(), v.trim(), v.minLength(1))),
      { ...TEXT, description: 'at least 1 characters' },
      ' a ',
      'a',
      ' ',
    ],
    ['Valibot: a brand', valibot(v.pipe(v.string(), v.brand('Id'))), TEXT, 'a', 'a', 1],
    [
      'Valibot: a check',
      valibot(
        v.pipe(
          v.string(),
          v.check((it) => it !== 'no', 'never no'),
        ),
      ),
      { ...TEXT, description: 'never no' },
      'a',
      'a',
      'no',
    ],
    [
      'Valibot: a pattern with flags, and another',
      valibot(v.pipe(v.string(), v.regex(/^a/i), v.regex(/b$/))),
      { ...TEXT, pattern: 'b$', description: 'matching /^a/i in capitals or not' },
      'Ab',
      'Ab',
      'b',
    ],
    ['Valibot: a transform', valibot(v.pipe(v.string(), v.transform(Number))), TEXT, '1', 1, 1],
    ['ArkType: trim', type({ it: 'string.trim' }), TEXT, ' a ', 'a', 1],
    ['ArkType: a brand', type({ it: 'string#id' }), TEXT, 'a', 'a', 1],
    ['ArkType: a check', type({ it: text.narrow((it) => it !== 'no') }), TEXT, 'a', 'a', 'no'],
    ['ArkType: a default', type({ it: 'string = "x"' }), { type: ['string', 'null'] }, null, 'x', 1],
    [
      'ArkType: two patterns',
      type({ it: type('/^a/').and('/b$/') }),
      { ...TEXT, pattern: '^a', description: 'matching /b$/' },
      'ab',
      'ab',
      'a',
    ],
    ['Effect: optional', effect({ anyOf: [TEXT, { type: 'null' }] }), { type: ['string', 'null'] }, null, undefined, 1],
    ['Effect: trim, a brand', effect(TEXT), TEXT, ' a ', 'a', 1],
  ])('%s', (_, schema, json, written, value, wrong) => {
    const compiled = compile(schema, 'Test')
    expect(compiled.json.properties?.['it']).toEqual(json)
    const decoded = compiled.decode({ it: written })
    expect(decoded.ok && (decoded.value as { it?: unknown }).it).toEqual(value)
    expect(compiled.decode({ it: wrong })).toMatchObject({ ok: false, issues: [{ path: 'it' }] })
  })
})

describe('a part that no JSON says is refused by its place', () => {
  test.each<[string, Schema, string]>([
    ['Valibot: a date', valibot(v.object({ when: v.date() })), 'Test.it.when is a date'],
    ['Valibot: a bigint', valibot(v.array(v.bigint())), 'Test.it[] is a bigint'],
    ['Valibot: a custom type', valibot(v.custom(() => true)), 'Test.it is a custom type'],
    ['Valibot: a tuple', valibot(v.tuple([v.string(), v.number()])), 'Test.it is a tuple of different types'],
    ['ArkType: a date', type({ it: { when: 'Date' } }), 'Test.it.when is a date'],
    ['ArkType: a bigint', type({ it: 'bigint[]' }), 'Test.it[] is a bigint'],
    ['ArkType: text or undefined', type({ it: 'string | undefined' }), 'Test.it is undefined'],
    ['ArkType: a map', type({ it: 'Map' }), 'Test.it is a map'],
  ])('%s', (_, schema, message) => {
    expect(() => compile(schema, 'Test')).toThrow(`${message}, which a strict schema cannot say.`)
    expect(() => compile(schema, 'Test')).toThrow(/ \(The schema is one of (?:valibot|arktype)\.\)$/)
  })

  test('a schema of Effect that is not wrapped is told how', () => {
    const validate = (value: unknown) => ({ value })
    const bare: Schema = { '~standard': { version: 1, vendor: 'effect', validate } }
    expect(() => compile(bare, 'Test')).toThrow(
      'Test offers no JSON Schema (its library is "effect"). Wrap it: Schema.',
    )
  })
})
