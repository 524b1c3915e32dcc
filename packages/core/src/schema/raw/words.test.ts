// What a schema checks and a strict schema cannot say: the model reads it in the description, and again when it was wrong.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { z as z3 } from 'zod/v3'
import type { JsonSchema, Schema } from '../../contracts/schema.ts'
import { compile } from '../compile.ts'
import { explain } from '../explain.ts'

/** The strict form of a property's schema, and the complaint about a value there. */
function hold(property: Schema, value: unknown): { readonly json: JsonSchema | undefined; readonly told: string } {
  const { json, decode } = compile(z.object({ it: property as z.ZodType }), 'Test')
  const decoded = decode({ it: value })
  return { json: json.properties?.['it'], told: decoded.ok ? 'right' : (explain(decoded.issues).split('\n')[1] ?? '') }
}

const utc = 'a date and time in UTC with a Z at its end: 2026-05-01T09:30:00Z'
const local = 'a date and time without an offset or in UTC with a Z at its end'
const offset = '2026-05-01T09:00:00+02:00'

describe('a check that no keyword says', () => {
  it.each<[string, z.ZodType, unknown, string]>([
    ['a time in UTC', z.iso.datetime(), offset, utc],
    ['a time in UTC, as a check of text', z.string().datetime(), offset, utc],
    ['a time in UTC that a text is piped into', z.string().trim().pipe(z.iso.datetime()), offset, utc],
    [
      'a time with an offset',
      z.iso.datetime({ offset: true }),
      '2026-05-01T09:00:00',
      'a date and time in UTC with a Z at its end or with an offset: 2026-05-01T09:30:00Z or 2026-05-01T09:30:00+02:00',
    ],
    ['a local time', z.iso.datetime({ local: true }), offset, `${local}: 2026-05-01T09:30:00 or 2026-05-01T09:30:00Z`],
    [
      'whole seconds',
      z.iso.datetime({ precision: 0 }),
      '2026-05-01T07:00:00.000Z',
      'a date and time in UTC with a Z at its end, in whole seconds: 2026-05-01T09:30:00Z',
    ],
    [
      'milliseconds',
      z.iso.datetime({ precision: 3 }),
      '2026-05-01T07:00:00Z',
      'a date and time in UTC with a Z at its end, with 3 digits after the seconds: 2026-05-01T09:30:00.000Z',
    ],
    [
      'whole minutes',
      z.iso.datetime({ precision: -1 }),
      '2026-05-01T07:00:00Z',
      'a date and time in UTC with a Z at its end, without seconds: 2026-05-01T09:30Z',
    ],
    ['a time of day', z.iso.time(), '09:30:00Z', 'a time of day without an offset: 09:30:00'],
    [
      'a time of day to the second',
      z.iso.time({ precision: 0 }),
      '09:30',
      'a time of day without an offset, in whole seconds: 09:30:00',
    ],
    ['a version of UUID', z.uuidv4(), 'c232ab00-9414-11ec-b3c8-9f68deced846', 'a UUID of version 4'],
    ['letters of any case', z.string().regex(/^sku-\d+$/i), 'no', 'matching /^sku-\\d+$/i in capitals or not'],
    ['lines', z.string().regex(/^total$/m), 'no', 'matching /^total$/m'],
    ['a point that is a new line too', z.string().regex(/^<a>.*<\/a>$/s), 'no', 'matching /^<a>.*<\\/a>$/s'],
    ['sets of characters', z.string().regex(/^[\p{L}--[a-z]]+$/v), 'no', 'matching /^[\\p{L}--[a-z]]+$/v'],
    ['a pattern from the start', z.string().regex(/a/y), 'ba', 'matching /a/y'],
    ['addresses of somebody’s own', z.email({ pattern: /@corp\.com$/ }), 'a@b.org', 'matching /@corp\\.com$/'],
    [
      'parts of an address',
      z.url({ protocol: /^https$/, hostname: /example\.com$/ }),
      'http://a.org',
      'its protocol matching /^https$/, its hostname matching /example\\.com$/, format uri',
    ],
    ['the algorithm of a token', z.jwt({ alg: 'HS256' }), 'no', 'with the algorithm HS256, format jwt'],
    ['a word for yes or no', z.stringbool({ truthy: ['ja'], falsy: ['nein'] }), 'yes', 'ja for yes; nein for no'],
    ['a length beside it', z.iso.datetime().max(20), offset, `${utc}, at most 20 characters`],
  ])('is said in words and told again: %s', (_, schema, wrong, words) => {
    const { json, told } = hold(schema, wrong)
    expect(json?.description).toBe(words)
    expect(told).toMatch(/^- it: Invalid .*; (?:expected|got)/)
    const [first = ''] = words.split(', format ')
    if (!told.includes('expected one of')) expect(told).toContain(first.split(', at most')[0])
  })

  it.each<[string, z.ZodType, unknown]>([
    ['of text', z.string().refine((text) => text.startsWith('C'), 'must start with C'), 'x'],
    [
      'of a list',
      z.array(z.string()).refine((list) => new Set(list).size === list.length, 'must start with C'),
      ['a', 'a'],
    ],
    ['of a number', z.number().refine((n) => n % 2 === 0, { error: 'must start with C' }), 1],
    ['of an object', z.object({ a: z.string() }).refine(() => false, 'must start with C'), { a: 'x' }],
    [
      'of what may be left out',
      z
        .string()
        .refine(() => false, 'must start with C')
        .optional(),
      'x',
    ],
  ])('is said by the message of the user’s own check, once: %s', (_, schema, wrong) => {
    const { json, told } = hold(schema, wrong)
    expect(json?.description).toBe('must start with C')
    expect(told).toMatch(/^- it: must start with C; got/)
  })

  it('is not said where a message depends on the value, or fails', () => {
    const depends = z.string().refine(() => false, { error: ({ input }) => `not ${String(input)}` })
    expect(hold(depends, 'x')).toEqual({ json: { type: 'string' }, told: '- it: not x; got "x"' })
    const failing = z.string().refine(() => false, { error: () => JSON.parse('{') as string })
    expect(hold(failing, 'x').json).toEqual({ type: 'string' })
  })

  it('stands after the description of the user, and is said of a named schema where that stands', () => {
    expect(hold(z.uuidv7().describe('The order.'), 'x').json?.description).toBe('The order. (a UUID of version 7)')
    const named = z.string().regex(/^a$/i).meta({ id: 'Letter' })
    const { json, decode } = compile(z.object({ list: z.array(named), map: z.record(z.string(), named) }), 'Test')
    expect(json.$defs?.['Letter']).toEqual({ type: 'string', description: 'matching /^a$/i in capitals or not' })
    const decoded = decode({ list: ['b'], map: { k: 'b' } })
    expect(decoded.ok ? [] : decoded.issues.map(({ path, expected }) => [path, expected])).toEqual([
      ['list[0]', 'matching /^a$/i in capitals or not'],
      ['map.k', 'matching /^a$/i in capitals or not'],
    ])
  })

  it('takes away no pattern that says it all', () => {
    expect(hold(z.string().regex(/^a$/i).regex(/^b/), 'x').json).toEqual({
      type: 'string',
      pattern: '^b',
      description: 'matching /^a$/i in capitals or not',
    })
    expect(hold(z.iso.datetime({ local: true }), 'x').json?.pattern).toContain('(?:Z)|')
    expect(hold(z.string().regex(/^\p{L}+$/u), 'x').json).toEqual({ type: 'string', pattern: '^\\p{L}+$' })
  })

  it.each([
    ['a time in UTC', z3.string().datetime(), offset, utc],
    ['letters of any case', z3.string().regex(/^sku-\d+$/i), 'no', 'matching /^sku-\\d+$/i in capitals or not'],
    ['a time of day', z3.string().time(), '09:30:00Z', 'a time of day without an offset: 09:30:00'],
  ])('is said in words of types of Zod 3 too: %s', (_, schema, wrong, words) => {
    const { json, decode } = compile(z3.object({ it: schema }), 'Test')
    expect(json.properties?.['it']?.description).toBe(words)
    expect(json.properties?.['it']?.pattern).toBeUndefined()
    const decoded = decode({ it: wrong })
    expect(decoded.ok ? '' : explain(decoded.issues)).toContain(`; expected ${words}; got`)
  })

  it('is said where a schema of another library has a pattern beside a format', () => {
    const json = { type: 'string', format: 'date-time', pattern: 'Z$' }
    const schema: Schema = {
      '~standard': {
        version: 1,
        vendor: 'other',
        validate: (value) => ({ value }),
        jsonSchema: { input: () => json, output: () => json },
      },
    }
    expect(compile(schema, 'Test').json.properties?.['value']).toEqual({
      type: 'string',
      format: 'date-time',
      description: 'matching /Z$/',
    })
  })
})

it.each<[string, z.ZodType, string]>([
  ['date', z.iso.date(), 'as in 2026-05-01'],
  ['duration', z.iso.duration(), 'as in P3DT12H'],
  [
    'time that a transform makes',
    z
      .string()
      .transform((text) => text)
      .pipe(z.iso.datetime()),
    'as in 2026-05-01T09:30:00Z',
  ],
  ['pattern of a template', z.templateLiteral(['order-', z.number()]), 'matching ^order-'],
])('the complaint about a %s says how one is written', (_, schema, how) => {
  expect(hold(schema, 'tomorrow').told).toContain(how)
})
