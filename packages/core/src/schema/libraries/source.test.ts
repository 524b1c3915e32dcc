import { execFileSync } from 'node:child_process'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import type { Schema } from '../../contracts/schema.ts'
import { compile } from '../compile.ts'

/** A schema of a library that the compiler does not know. It accepts everything, as text. */
function homemade(input: () => Record<string, unknown>): Schema<unknown, string> {
  return { '~standard': { version: 1, vendor: 'homemade', validate, jsonSchema: { input, output: input } } }
}

function validate(value: unknown): { value: string } {
  return { value: `seen ${JSON.stringify(value)}` }
}

test('any library that offers JSON Schema will do', () => {
  const inner = { type: ['object', 'null'], properties: { b: { type: 'integer' } } }
  const schema = homemade(() => ({ properties: { a: inner } }))
  const { json, decode } = compile(schema, 'Test')
  expect(json.properties?.['a']).toEqual({
    anyOf: [
      {
        type: 'object',
        properties: { b: { type: ['integer', 'null'] } },
        required: ['b'],
        additionalProperties: false,
      },
      { type: 'null' },
    ],
  })
  expect(decode({ a: { b: null } })).toEqual({ ok: true, value: 'seen {"a":{}}' })
})

test('types that only keywords tell are told', () => {
  const list = { items: { type: 'string' }, uniqueItems: true, description: 'Tags.' }
  const { json } = compile(
    homemade(() => ({ properties: { list } })),
    'Test',
  )
  expect(json.properties?.['list']).toEqual({
    anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }],
    description: 'Tags. (no item twice)',
  })
})

test('an open tuple is closed, since a model must know what it may say', () => {
  const pair = { type: 'array', prefixItems: [{ type: 'string' }, { type: 'string' }], minItems: 2 }
  expect(
    compile(
      homemade(() => pair),
      'Test',
    ).json.properties?.['value'],
  ).toEqual({
    type: 'array',
    items: { type: 'string' },
    minItems: 2,
    maxItems: 2,
  })
})

test('schemas that must all hold become one, however deep they stand', () => {
  const inner = { allOf: [{ $ref: '#/$defs/B' }, { properties: { c: { type: 'string' } }, required: ['c'] }] }
  const outer = { allOf: [{ properties: { a: { type: 'string' } }, required: ['a'] }] }
  const json = { allOf: [outer, inner], $defs: { B: { properties: {} } } }
  expect(
    compile(
      homemade(() => json),
      'Test',
    ).json,
  ).toEqual({
    type: 'object',
    properties: { a: { type: 'string' }, c: { type: 'string' } },
    required: ['a', 'c'],
    additionalProperties: false,
  })
})

test.each([
  ['a constant', { const: null }],
  ['an enum', { enum: ['x', null] }],
  ['schemas that must all hold', { allOf: [{ type: ['string', 'null'] }] }],
  ['a reference', { $ref: '#/$defs/N' }],
])('a null that the schema itself takes by %s stays, though the property is optional', (_, property) => {
  const json = { properties: { a: property }, $defs: { N: { type: 'null' } } }
  expect(
    compile(
      homemade(() => json),
      'Test',
    ).decode({ a: null }),
  ).toEqual({ ok: true, value: 'seen {"a":null}' })
})

test('an alternative that holds itself does not stop the translation', () => {
  const json = {
    properties: { a: { $ref: '#/$defs/A' } },
    $defs: { A: { anyOf: [{ $ref: '#/$defs/A' }, { type: 'string' }] } },
  }
  expect(
    compile(
      homemade(() => json),
      'Test',
    ).json.properties,
  ).toEqual({
    a: { anyOf: [{ $ref: '#/$defs/A' }, { type: 'null' }] },
  })
})

test('a schema is compiled once', () => {
  const input = vi.fn<() => Record<string, unknown>>(() => ({ type: 'object', properties: {} }))
  const schema = homemade(input)
  expect(compile(schema, 'One')).toBe(compile(schema, 'Other'))
  expect(input).toHaveBeenCalledTimes(1)
})

test.each([
  ['a dynamic reference', { $dynamicRef: '#a' }, 'Test uses "$dynamicRef", which a strict schema cannot say.'],
  [
    'a reference to nowhere',
    { $ref: '#/$defs/X' },
    'Test refers to nothing by #/$defs/X, which a strict schema cannot say.',
  ],
  ['a reference outside', { $ref: 'https://example.com' }, 'Test refers to nothing by https://example.com, which'],
  ['an object as a constant', { const: { a: 1 } }, 'Test must be exactly {"a":1}, which a strict schema cannot say.'],
  [
    'an object and one of several',
    { type: 'object', properties: { a: {} }, anyOf: [] },
    'Test combines two schemas that differ in "anyOf"',
  ],
  ['an enum of nothing', { enum: [] }, 'Test is never anything'],
  ['a type that JSON does not have', { type: 'odd' }, 'Test is of type "odd", which a strict schema cannot say.'],
])('%s is refused', (_, json, message) => {
  expect(() =>
    compile(
      homemade(() => json),
      'Test',
    ),
  ).toThrow(message)
})

test('what is no schema is refused with what is', () => {
  const message = 'Test is no Standard Schema. Use a schema of Zod 4, Valibot, ArkType or the like.'
  expect(() => compile({ type: 'object' } as unknown as Schema, 'Test')).toThrow(message)
  expect(() => compile(undefined as unknown as Schema, 'Test')).toThrow(message)
})

test('a schema that offers no JSON Schema is refused with what does', () => {
  expect(() => compile(mini.object({ a: mini.string() }), 'Test')).toThrow(
    'Test offers no JSON Schema (its library is "zod"). Use Zod 4.2 or newer, imported from "zod" rather than "zod/mini".',
  )
  expect(() => compile({ '~standard': { version: 1, vendor: 'valibot', validate } }, 'Test')).toThrow(
    'Test offers no JSON Schema (its library is "valibot"). Wrap it in toStandardJsonSchema() of "@valibot/to-json-schema".',
  )
})

test("a library's own refusal is passed on", () => {
  const schema = homemade(() => {
    throw new Error('The "date" schema cannot be converted to JSON Schema.')
  })
  expect(() => compile(schema, 'Test')).toThrow(
    'Test has no JSON Schema (its library is "homemade"). The "date" schema cannot be converted to JSON Schema.',
  )
})

test('a default that JSON cannot say is no harm', () => {
  expect(compile(z.object({ a: z.string().transform(BigInt).default(1n) }), 'Test').decode({ a: null })).toEqual({
    ok: true,
    value: { a: 1n },
  })
})

test('neither Zod nor its converter is loaded with the compiler', () => {
  const program = `
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ resolve: (name, context, next) => (seen.push(name), next(name, context)) })
    const { compile } = await import(${JSON.stringify(import.meta.resolve('../compile.ts'))})
    const before = seen.filter((name) => name.includes('zod'))
    const { z } = await import(${JSON.stringify(import.meta.resolve('zod/v3'))})
    compile(z.object({}), 'Test')
    console.log(JSON.stringify({ before: before.filter((name) => !name.startsWith('.')), after: seen.includes('zod-to-json-schema') }))`
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' })
  expect(JSON.parse(printed)).toEqual({ before: [], after: true })
})
