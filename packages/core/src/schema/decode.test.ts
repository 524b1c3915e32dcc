import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../contracts/schema.ts'
import { compile } from './compile.ts'
import { validate } from './decode.ts'

describe('null and absent', () => {
  const schema = z.object({
    optional: z.string().optional(),
    nullable: z.string().nullable(),
    nullish: z.string().nullish(),
    defaulted: z.number().default(7),
    inside: z.array(z.object({ note: z.string().optional() })),
  })
  const { decode } = compile(schema, 'Test')

  test('a null that strict mode forced is absent, and one that the schema allows stays', () => {
    const given = {
      optional: null,
      nullable: null,
      nullish: null,
      defaulted: null,
      inside: [{ note: null }, { note: 'n' }],
    }
    const kept = structuredClone(given)
    expect(decode(given)).toStrictEqual({
      ok: true,
      value: { nullable: null, nullish: null, defaulted: 7, inside: [{}, { note: 'n' }] },
    })
    expect(given).toStrictEqual(kept)
  })

  test('a model that is not held to the strict form may leave out what is optional', () => {
    expect(decode({ nullable: 'n', inside: [{}] })).toStrictEqual({
      ok: true,
      value: { nullable: 'n', defaulted: 7, inside: [{}] },
    })
  })
})

describe('alternatives', () => {
  const schema = z.object({
    payment: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('card'), note: z.string().optional() }),
      z.object({ kind: z.literal('cash'), note: z.string().nullable() }),
    ]),
    either: z
      .union([z.string(), z.array(z.object({ x: z.int().optional() })), z.object({ y: z.boolean().optional() })])
      .optional(),
  })
  const { decode } = compile(schema, 'Test')

  test('a null is left out as the shape says that the value has', () => {
    expect(decode({ payment: { kind: 'card', note: null }, either: null })).toStrictEqual({
      ok: true,
      value: { payment: { kind: 'card' } },
    })
    expect(decode({ payment: { kind: 'cash', note: null }, either: [{ x: null }] })).toStrictEqual({
      ok: true,
      value: { payment: { kind: 'cash', note: null }, either: [{}] },
    })
    expect(decode({ payment: { kind: 'cash', note: '' }, either: { y: null } })).toStrictEqual({
      ok: true,
      value: { payment: { kind: 'cash', note: '' }, either: {} },
    })
  })

  test('a wrong value is told apart by its constants, so that forced nulls are no further complaint', () => {
    const schema = z.object({
      u: z.discriminatedUnion('k', [z.object({ k: z.literal('a'), n: z.int(), o: z.string().optional() })]),
    })
    expect(compile(schema, 'Test').decode({ u: { k: 'a', n: 'x', o: null } })).toStrictEqual({
      ok: false,
      issues: [{ path: 'u.n', message: 'Invalid input: expected number, received string', got: '"x"' }],
    })
  })
})

describe('records', () => {
  const schema = z.object({ scores: z.record(z.string(), z.object({ n: z.number().optional() })) })
  const { decode } = compile(schema, 'Test')

  test('pairs come back as an object', () => {
    const pairs = [
      { key: 'b', value: { n: 1 } },
      { key: 'a', value: { n: null } },
    ]
    expect(decode({ scores: pairs })).toStrictEqual({ ok: true, value: { scores: { b: { n: 1 }, a: {} } } })
  })

  test('an object is taken as it is', () => {
    expect(decode({ scores: { a: { n: null } } })).toStrictEqual({ ok: true, value: { scores: { a: {} } } })
  })

  test('a key that stands twice is told, and neither value counts', () => {
    const pairs = [
      { key: 'a', value: { n: 1 } },
      { key: 'a', value: { n: 2 } },
    ]
    expect(decode({ scores: pairs })).toStrictEqual({
      ok: false,
      issues: [{ path: 'scores', message: 'A key stands twice.', got: '"a"' }],
    })
  })

  test('what is no pair is told', () => {
    expect(decode({ scores: [{ name: 'a' }] })).toMatchObject({
      ok: false,
      issues: [{ path: 'scores', got: '[{"name":"a"}]' }],
    })
  })

  test('no key can reach what an object inherits', () => {
    const result = decode({ scores: [{ key: '__proto__', value: { n: 1 } }] })
    expect(result.ok && Object.getPrototypeOf(result.value.scores)).toBe(Object.prototype)
    expect(({} as { n?: number }).n).toBeUndefined()
  })
})

describe('roots', () => {
  test('a wrapped root is unwrapped, and taken bare as well', () => {
    const { decode } = compile(z.array(z.object({ a: z.string().optional() })), 'Test')
    expect(decode({ value: [{ a: null }] })).toStrictEqual({ ok: true, value: [{}] })
    expect(decode([{ a: null }])).toStrictEqual({ ok: true, value: [{}] })
  })

  test('an object with a property called value is no wrapper', () => {
    const { decode } = compile(z.object({ value: z.string(), unit: z.string() }).nullable(), 'Test')
    const bare = { value: '1', unit: 'kg' }
    expect(decode(bare)).toStrictEqual({ ok: true, value: bare })
    expect(decode({ value: bare })).toStrictEqual({ ok: true, value: bare })
  })

  test('a complaint leads through the wrapper, as the model wrote it', () => {
    const { decode } = compile(z.array(z.object({ a: z.string() })), 'Test')
    expect(decode({ value: [{ a: 1 }] })).toStrictEqual({
      ok: false,
      issues: [{ path: 'value[0].a', message: 'Invalid input: expected string, received number', got: '1' }],
    })
    const record = compile(z.record(z.string(), z.number()), 'Test')
    const pair = { key: 'a', value: 1 }
    expect(record.decode({ value: [pair, pair] })).toMatchObject({
      ok: false,
      issues: [{ path: 'value', message: 'A key stands twice.' }],
    })
  })
})

test('a transform is applied', () => {
  const { decode } = compile(z.object({ when: z.iso.datetime().transform((text) => new Date(text).getTime()) }), 'Test')
  expect(decode({ when: '1970-01-01T00:00:01Z' })).toEqual({ ok: true, value: { when: 1_000 } })
})

test('what a library says little of is told with the shapes that are right', () => {
  const schema = z.object({
    it: z.union([
      z.object({ kind: z.literal('a'), n: z.number() }),
      z.object({ kind: z.literal('b') }),
      z.enum(['x', 'y']),
      z.boolean(),
    ]),
    record: z.record(z.string(), z.union([z.string(), z.number()])),
  })
  const said = z.object({
    it: z
      .enum(['a', 'b'])
      .or(z.literal('c'))
      .refine(() => false, 'I expected c.'),
  })
  expect(compile(said, 'Test').decode({ it: 'c' })).toStrictEqual({
    ok: false,
    issues: [{ path: 'it', message: 'I expected c.', got: '"c"' }],
  })
  expect(compile(schema, 'Test').decode({ it: { kind: 'c' }, record: { k: true } })).toStrictEqual({
    ok: false,
    issues: [
      {
        path: 'it',
        message: 'Invalid input',
        expected: '{kind: "a", n} or {kind: "b"} or "x" or "y" or boolean',
        got: '{"kind":"c"}',
      },
      { path: 'record.k', message: 'Invalid input', expected: 'string or number', got: 'true' },
    ],
  })
})

test('a check that answers later, or that throws, makes the value wrong', () => {
  const later = z.object({ a: z.string().refine(async () => true) })
  const message = 'the check of this value is asynchronous, and is not made here: another value does not help'
  expect(compile(later, 'Test').decode({ a: 'x' })).toMatchObject({ ok: false, issues: [{ path: '', message }] })
  expect(validate(later, { a: 'x' })).toMatchObject({ ok: false, issues: [{ path: '', message }] })
  const throwing: Schema = {
    '~standard': {
      version: 1,
      vendor: 'throwing',
      validate: () => {
        throw new Error('no')
      },
    },
  }
  expect(validate(throwing, 1)).toMatchObject({
    ok: false,
    issues: [{ message: 'the check of this value failed: no' }],
  })
})

test('an answer that comes too late and fails ends nothing', async () => {
  const late: Schema = {
    '~standard': { version: 1, vendor: 'late', validate: () => Promise.reject(new Error('late')) },
  }
  expect(validate(late, 1).ok).toBe(false)
  await new Promise(setImmediate)
})

test('a value is held against a schema as it stands, without its strict form', () => {
  const schema = z.object({ when: z.date(), note: z.string().optional() })
  expect(validate(schema, { when: new Date(0) })).toEqual({ ok: true, value: { when: new Date(0) }, secrets: [] })
  expect(validate(schema, { when: new Date(0), note: null })).toStrictEqual({
    ok: false,
    issues: [{ path: 'note', message: 'Invalid input: expected string, received null', got: 'null' }],
  })
})
