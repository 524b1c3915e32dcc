// Schemas that are deep, wide or hold themselves, and values as deep as any may be: what doubles at each level never ends.
import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../contracts/schema.ts'
import { compile } from './compile.ts'
import { emitting } from './emitted.fixture.ts'
import { explain } from './explain.ts'
import { placesOf } from './secret.ts'

const LEVELS = 200
const TEXT = { type: 'string' } as const

/** Definitions of which each refers to the next, the last to text. */
function chain(level: (next: object) => object): Record<string, object> {
  const levels = Array.from({ length: LEVELS }, (_, at) => [`L${at}`, level({ $ref: `#/$defs/L${at + 1}` })])
  return { ...Object.fromEntries(levels), [`L${LEVELS}`]: { ...TEXT, 'x-reprise-words': ['odd'] } }
}

/** So many objects, each in the other. */
function nested(inner: unknown, key = 'next'): unknown {
  return Array.from({ length: LEVELS - 10 }).reduce((value) => ({ [key]: value }), inner)
}

function compiled(it: object, $defs: object) {
  return compile(emitting({ type: 'object', properties: { it }, $defs }), 'Test')
}

describe('200 levels of references', () => {
  test.each<[string, (next: object) => object]>([
    ['that must hold twice', (next) => ({ allOf: [next, { ...next, description: 'again' }] })],
    ['of which either is enough', (next) => ({ anyOf: [next, { ...next, description: 'again' }] })],
    ['that are denied twice', (next) => ({ ...TEXT, not: { allOf: [next, { not: next }] } })],
  ])('%s', (_, level) => {
    const { json, decode } = compiled({ $ref: '#/$defs/L0' }, chain(level))
    expect(json.properties).toHaveProperty('it')
    expect(decode({ it: null })).toEqual({ ok: true, value: {} })
  })

  test('of which each doubles the alternatives are refused by their place', () => {
    const level = (next: object): object => ({ anyOf: [next, { allOf: [next, { minLength: 1 }] }] })
    expect(() => compiled({ $ref: '#/$defs/L0' }, chain(level))).toThrow(
      'Test.it combines more than 200 alternatives, which a strict schema cannot say.',
    )
  })

  test('that are looked through for words', () => {
    const $defs = chain((next) => ({ anyOf: [next, { ...next, title: 'again' }] }))
    const schema = emitting({ type: 'object', properties: { it: { $ref: '#/$defs/L0' } }, $defs })
    const refusing = {
      '~standard': { ...schema['~standard'], validate: () => ({ issues: [{ message: 'no', path: ['it'] }] }) },
    }
    const decoded = compile(refusing, 'Test').decode({ it: 'x' })
    expect(decoded.ok ? '' : explain(decoded.issues)).toContain('- it: no; expected odd; got "x"')
  })
})

describe('a value that is 190 levels deep', () => {
  const either = (more: object = {}): object => ({
    anyOf: [
      { type: 'object', properties: { next: { $ref: '#/$defs/U' }, a: TEXT }, required: ['next'], ...more },
      { type: 'object', properties: { next: { $ref: '#/$defs/U' }, b: TEXT }, required: ['next'], ...more },
      { type: 'integer' },
    ],
  })

  test.each<[string, object, unknown]>([
    ['of shapes that are told apart at its end', either(), 1],
    ['of shapes that nothing tells apart', either(), 'wrong'],
  ])('%s', (_, U, end) => {
    const { decode } = compiled({ $ref: '#/$defs/U' }, { U })
    expect(decode({ it: nested(end) })).toEqual({ ok: true, value: { it: nested(end) } })
  })

  test('of shapes that are held here', () => {
    const { decode } = compiled({ $ref: '#/$defs/U' }, { U: either({ not: { required: ['c'] } }) })
    expect(decode({ it: nested(1) }).ok).toBe(true)
    expect(decode({ it: nested('wrong') }).ok).toBe(false)
  })
})

describe('secrets', () => {
  const secret = { ...TEXT, secret: true }

  test('in an alternative that is itself again', () => {
    const $defs = { A: { anyOf: [{ $ref: '#/$defs/A' }, secret] } }
    const places = placesOf({ properties: { a: { $ref: '#/$defs/A' } }, $defs }, 'Test')
    expect(places?.first).toBe('.a')
    expect(places?.cover({ a: 'x' })).toEqual({ a: '(a secret)' })
  })

  test('of which each is a text that is itself again', () => {
    const A = { anyOf: [{ $ref: '#/$defs/A' }, TEXT], secret: true }
    expect(placesOf({ $ref: '#/$defs/A', $defs: { A } }, 'Test')?.at('x')).toEqual(new Map([['', 'x']]))
  })

  test('in shapes that nothing tells apart, as deep as a value may be', () => {
    const next = { $ref: '#/$defs/U' }
    const U = {
      anyOf: [{ properties: { next, a: TEXT } }, { properties: { next, b: TEXT } }, { properties: { pin: secret } }],
    }
    const places = placesOf({ ...next, $defs: { U } }, 'Test')
    expect(places?.cover(nested({ pin: '1' }))).toEqual(nested({ pin: '(a secret)' }))
    expect([...(places?.at(nested({ pin: '1' })).values() ?? [])]).toEqual(['1'])
  })

  test.each<[string, object, unknown, unknown]>([
    [
      'by a pattern of their keys',
      { patternProperties: { '^k': secret } },
      { k1: 'x', o: 'y' },
      { k1: '(a secret)', o: 'y' },
    ],
    [
      'that a condition names',
      { if: { required: ['a'] }, then: { properties: { pin: secret } } },
      { pin: 'x' },
      { pin: '(a secret)' },
    ],
    [
      'that come with another',
      { dependentSchemas: { a: { properties: { pin: secret } } } },
      { a: 'a', pin: 'x' },
      { a: 'a', pin: '(a secret)' },
    ],
  ])('%s', (_, schema, value, covered) => {
    expect(placesOf({ ...schema }, 'Test')?.cover(value)).toEqual(covered)
  })
})

describe('what is too large is refused by its place', () => {
  test('schemas within one another', () => {
    const deep = Array.from({ length: 5_000 }).reduce<object>((it) => ({ type: 'object', properties: { it } }), TEXT)
    expect(() => compile(emitting(deep), 'Test')).toThrow(
      /^Test has a JSON Schema that is nested more than 200 levels deep, at \.properties\.it\..*\. Make it flatter/,
    )
  })

  test('a type that is called as what all objects have', () => {
    expect(() => compile(emitting({ properties: { it: { 'x-reprise-unsayable': 'constructor' } } }), 'Test')).toThrow(
      'Test.it is of type constructor, which a strict schema cannot say.',
    )
  })
})

test('2,000 properties', () => {
  const part = (at: number): JsonSchema => ({ type: 'object', properties: { [`p${at}`]: { $ref: `#/$defs/D${at}` } } })
  const all = Array.from({ length: 2_000 }, (_, at) => at)
  const $defs = Object.fromEntries(all.map((at) => [`D${at}`, { anyOf: [TEXT, { type: 'null' }] }]))
  const { json, decode } = compile(emitting({ allOf: all.map(part), $defs }), 'Test')
  expect(json.required).toHaveLength(2_000)
  expect(decode(Object.fromEntries(all.map((at) => [`p${at}`, null]))).ok).toBe(true)
})
