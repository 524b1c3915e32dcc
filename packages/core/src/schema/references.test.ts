import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonSchema } from '../contracts/schema.ts'
import { compile } from './compile.ts'
import { emitting } from './emitted.fixture.ts'

const TEXT = { type: 'string' } as const
const object = (properties: Record<string, JsonSchema>, more: object = {}): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})

describe('what is put together with itself inside itself', () => {
  const node = z.object({
    name: z.string(),
    get next() {
      return node.and(z.object({ weight: z.number() })).optional()
    },
  })
  const next = { anyOf: [{ $ref: '#/$defs/next' }, { type: 'null' }] } as const

  test('becomes a definition', () => {
    const defs = { $defs: { next: object({ name: TEXT, next, weight: { type: 'number' } }) } }
    expect(compile(node, 'Test').json).toEqual(object({ name: TEXT, next }, defs))
  })

  test('is restored as deep as it stands', () => {
    const end = { name: 'c', next: null, weight: 2 }
    expect(compile(node, 'Test').decode({ name: 'a', next: { name: 'b', next: end, weight: 1 } })).toEqual({
      ok: true,
      value: { name: 'a', next: { name: 'b', next: { name: 'c', weight: 2 }, weight: 1 } },
    })
  })

  test('is one definition wherever it stands', () => {
    const both = z.object({
      get left() {
        return both.and(z.object({ l: z.string() }))
      },
      get right() {
        return both.and(z.object({ r: z.string() }))
      },
    })
    const { json } = compile(z.object({ both }), 'Test')
    expect(Object.keys(json.$defs ?? {}).toSorted()).toEqual(['__schema0', 'left', 'right'])
  })
})

/** Each of so many objects refers to the next in every one of its properties. */
function levels(wide: number, deep: number): Record<string, unknown> {
  const names = Array.from({ length: wide }, (_, at) => `p${at}`)
  const level = (below: unknown): object => ({
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, below])),
    required: names,
  })
  const parts = Array.from({ length: deep }, (_, at) => [
    `L${at}`,
    level(at + 1 < deep ? { $ref: `#/components/L${at + 1}` } : TEXT),
  ])
  return { type: 'object', properties: { a: { $ref: '#/components/L0' } }, components: Object.fromEntries(parts) }
}

describe('what stands outside definitions', () => {
  test('is copied to where it is referred to', () => {
    const { json } = compile(emitting(levels(2, 2)), 'Test')
    const pair = object({ p0: TEXT, p1: TEXT })
    expect(json.properties?.['a']?.anyOf?.[0]).toEqual(object({ p0: pair, p1: pair }))
    expect(json.$defs).toBeUndefined()
  })

  test.each([
    ['more copies than anybody wants', 8, 6],
    ['more properties than a schema may have', 5, 6],
    ['more levels than a schema may have', 1, 12],
  ])('becomes definitions where copies would be %s', (_, wide, deep) => {
    const { json, decode } = compile(emitting(levels(wide, deep)), 'Test')
    expect(Object.keys(json.$defs ?? {})).toEqual(Array.from({ length: deep }, (__, at) => `L${at}`))
    expect(json.properties?.['a']).toEqual({ anyOf: [{ $ref: '#/$defs/L0' }, { type: 'null' }] })
    expect(decode({ a: null })).toEqual({ ok: true, value: {} })
  })

  test('is put together once, however often it is combined', () => {
    const level = (below: object): object => ({
      type: 'object',
      properties: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, { allOf: [below, {}] }])),
    })
    const $defs = Object.fromEntries(
      Array.from({ length: 6 }, (_, at) => [`L${at}`, level(at < 5 ? { $ref: `#/$defs/L${at + 1}` } : TEXT)]),
    )
    const { json } = compile(emitting({ properties: { it: { allOf: [{ $ref: '#/$defs/L0' }] } }, $defs }), 'Test')
    expect(Object.keys(json.$defs ?? {})).toHaveLength(1 + 6 * 6)
  })
})

describe('a reference', () => {
  test.each<[string, object, string]>([
    ['by an anchor', { $ref: '#code', $defs: { Code: { $anchor: 'code', ...TEXT } } }, 'Code'],
    ['by an anchor of an older draft', { $ref: '#code', definitions: { Code: { $id: '#code', ...TEXT } } }, 'Code'],
    ['with an encoded space', { $ref: '#/$defs/A%20B', $defs: { 'A B': TEXT } }, 'A B'],
    ['with an encoded slash', { $ref: '#/$defs/a%2Fb', $defs: { 'a/b': TEXT } }, 'a/b'],
    [
      'with an encoded angle',
      { $ref: '#/definitions/Box%3Cnumber%3E', definitions: { 'Box<number>': TEXT } },
      'Box<number>',
    ],
    ['with a percent sign of its own', { $ref: '#/$defs/50%', $defs: { '50%': TEXT } }, '50%'],
    ['to a name that looks encoded', { $ref: '#/$defs/A%20B', $defs: { 'A%20B': TEXT } }, 'A%20B'],
  ])('%s is followed', (_, { $ref, ...definitions }: { readonly $ref?: string }, name) => {
    const { json } = compile(emitting({ properties: { it: { $ref } }, required: ['it'], ...definitions }), 'Test')
    expect(json.$defs).toEqual({ [name]: TEXT })
    expect(json.properties?.['it']).toEqual({ $ref: `#/$defs/${name.replace('/', '~1')}` })
  })

  test.each<[string, object, string]>([
    ['an anchor that is not there', { $ref: '#code' }, 'refers to nothing by #code'],
    ['an anchor with a path behind it', { $ref: '#code/a' }, 'refers to nothing by #code/a'],
    ['itself', { $ref: '#/$defs/A', $defs: { A: { $ref: '#/$defs/A' } } }, 'refers to nothing but itself'],
    [
      'itself by another',
      { $ref: '#/$defs/A', $defs: { A: { $ref: '#/$defs/B' }, B: { anyOf: [{ $ref: '#/$defs/A' }] } } },
      'refers to nothing but itself',
    ],
    ['its own place', { $ref: '#/properties/it' }, 'refers to nothing but itself'],
  ])('to %s is refused by its path', (_, { $defs, ...it }: { readonly $defs?: object }, what) => {
    expect(() => compile(emitting({ properties: { it }, $defs }), 'Test')).toThrow(
      `Test.it ${what}, which a strict schema cannot say. `,
    )
  })

  test('of keys to an alternative of themselves lists no keys', () => {
    const A = { anyOf: [{ $ref: '#/$defs/A' }, { enum: ['a', 'b'] }] }
    const it = { type: 'object', propertyNames: { $ref: '#/$defs/A' } }
    const { json } = compile(emitting({ properties: { it }, required: ['it'], $defs: { A } }), 'Test')
    expect(json.properties?.['it']).toEqual({ ...TEXT, description: 'an object, as JSON text' })
  })

  test('that is all of the root, to the root, is refused', () => {
    expect(() => compile(emitting({ $ref: '#' }), 'Test')).toThrow('Test refers to nothing but itself')
  })

  test('to an alternative of itself is no other value', () => {
    const A = {
      anyOf: [{ $ref: '#/$defs/A' }, { properties: { b: TEXT } }, { type: 'array', items: { $ref: '#/$defs/A' } }],
    }
    const { decode } = compile(emitting({ properties: { a: { $ref: '#/$defs/A' } }, $defs: { A } }), 'Test')
    expect(decode({ a: [{ b: null }, [{ b: 'x' }]] })).toEqual({ ok: true, value: { a: [{}, [{ b: 'x' }]] } })
    expect(decode({ a: 1 })).toEqual({ ok: true, value: { a: 1 } })
  })
})
