// What is held of keys, of schemas that are alternatives of themselves, and of long lists.
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../../contracts/schema.ts'
import { compile } from '../compile.ts'
import { emitting } from '../emitted.fixture.ts'
import { explain } from '../explain.ts'

const TEXT = { type: 'string' } as const

/** What is said of a value that a library takes as it is. */
function teller(it: object, $defs: object = {}): (value: unknown) => string {
  const { decode } = compile(emitting({ type: 'object', properties: { it }, required: ['it'], $defs }), 'Test')
  return (value) => {
    const decoded = decode({ it: value })
    return decoded.ok ? 'right' : explain(decoded.issues).split('\n').slice(1).join('\n')
  }
}

test('a key is held to what keys may not be', () => {
  const tell = teller({ type: 'object', propertyNames: { not: { const: 'x' } }, additionalProperties: TEXT })
  expect(tell([{ key: 'y', value: 'a' }])).toBe('right')
  expect(tell([{ key: 'x', value: 'a' }])).toBe('- it.x: it must not be exactly "x"; got "a"')
})

describe('an alternative of itself is no other', () => {
  const A = { $ref: '#/$defs/A' }

  test.each<[string, object]>([
    ['by reference', { A: { anyOf: [A, { ...TEXT, not: { const: 'x' } }] } }],
    ['through another', { A: { anyOf: [{ $ref: '#/$defs/B' }, { ...TEXT, not: { const: 'x' } }] }, B: { anyOf: [A] } }],
    ['last', { A: { anyOf: [{ ...TEXT, not: { const: 'x' } }, A] } }],
  ])('%s', (_, $defs) => {
    const tell = teller(A, $defs)
    expect(tell('y')).toBe('right')
    expect(tell('x')).toBe('- it: it must not be exactly "x"; got "x"')
    expect(tell(5)).toBe('- it: it must be of type string; got 5')
  })

  test('and may be another one deeper inside', () => {
    const tell = teller(A, { A: { anyOf: [A, { type: 'array', items: A }, { type: 'integer', not: { const: 7 } }] } })
    expect(tell([[1], 2])).toBe('right')
    expect(tell([[1], 7])).not.toBe('right')
  })

  test('at the end of two hundred', () => {
    const level = (at: number): object => ({
      anyOf: [{ $ref: `#/$defs/L${at + 1}` }, { $ref: `#/$defs/L${at + 1}`, description: 'again' }],
    })
    const levels = Array.from({ length: 200 }, (_, at) => [`L${at}`, level(at)])
    const L200 = {
      anyOf: [{ $ref: '#/$defs/L0' }, { type: 'object', additionalProperties: { ...TEXT, not: { const: 'x' } } }],
    }
    const tell = teller({ $ref: '#/$defs/L0' }, { ...Object.fromEntries(levels), L200 })
    expect(tell([{ key: 'a', value: 'y' }])).toBe('right')
    expect(tell([{ key: 'a', value: 'x' }])).toBe('- it.a: it must not be exactly "x"; got "x"')
    expect(tell(5)).not.toBe('right')
  })
})

describe('what a library takes beyond what it emits is right in one of several shapes too', () => {
  const named = v.object({ name: v.pipe(v.string(), v.notValue('x')) })
  const coded = v.object({ code: v.pipe(v.string(), v.trim(), v.maxLength(3)) })
  const keyed = z.object({ keyed: z.looseRecord(z.string().regex(/^x-/), z.number()) })
  const short = z.object({ code: z.string().trim().max(3) })

  test.each<[string, Schema]>([
    ['Valibot', toStandardJsonSchema(v.object({ it: v.union([named, coded]) }))],
    ['Zod', z.object({ it: z.union([keyed, short]) })],
    ['Zod, deeper inside', z.object({ it: z.union([keyed, z.union([z.object({ keyed }), short])]) })],
  ])('%s', (_, schema) => {
    const { decode } = compile(schema, 'Test')
    expect(decode({ it: { code: ' abc ' } })).toEqual({ ok: true, value: { it: { code: 'abc' } } })
    expect(decode({ it: { code: ' abcd ' } }).ok).toBe(false)
  })

  test('and by keys that a pattern chooses', () => {
    const it = z.looseRecord(z.string().regex(/^x-/), z.string().trim().max(3))
    const { decode } = compile(z.object({ it }), 'Test')
    expect(decode({ it: [{ key: 'x-1', value: ' abc ' }] })).toEqual({ ok: true, value: { it: { 'x-1': 'abc' } } })
    expect(decode({ it: [{ key: 'x-1', value: ' abcd ' }] })).toMatchObject({
      ok: false,
      issues: [{ path: 'it["x-1"]' }],
    })
  })

  test('and what is only said beside it is held all the same', () => {
    const said = z.object({ name: z.string().meta({ not: { const: 'x' } }) })
    const { decode } = compile(z.object({ it: z.union([said, short]) }), 'Test')
    expect(decode({ it: { name: 'y' } }).ok).toBe(true)
    expect(decode({ it: { name: 'x' } })).toMatchObject({ ok: false, issues: [{ path: 'it' }] })
  })
})

describe('what nobody here could hold is refused', () => {
  const email = { ...TEXT, format: 'email' }

  test('also where the same stands elsewhere, and is no condition', () => {
    const then = { allOf: [{ $ref: '#/$defs/E' }, { not: { $ref: '#/$defs/E' } }] }
    expect(() => teller({ ...TEXT, if: { const: 'q' }, then }, { E: email })).toThrow(
      'Test.it uses the format "email" within a condition',
    )
  })

  test('in a choice of properties too', () => {
    const not = { properties: { a: email }, required: ['a'] }
    const it = {
      type: 'object',
      properties: { a: TEXT, b: TEXT },
      anyOf: [{ required: ['a'], not }, { required: ['b'] }],
    }
    expect(() => teller(it)).toThrow('Test.it uses the format "email" within a condition')
  })
})

test('what is told of alternatives within alternatives does not double with each level', () => {
  const next = { properties: { next: { $ref: '#/$defs/U' } } }
  const tell = teller(
    { $ref: '#/$defs/U' },
    {
      U: {
        anyOf: [
          { type: 'object', ...next },
          { type: 'object', if: { required: ['next'] }, then: next },
        ],
      },
    },
  )
  const deep = Array.from({ length: 30 }).reduce<unknown>((value) => ({ next: value }), 5)
  expect(tell(deep).length).toBeLessThan(1_000)
})

test('a long list is looked through once for what stands there twice', () => {
  const tell = teller({ type: 'array', items: {}, not: { uniqueItems: true } })
  const list = Array.from({ length: 100_000 }, (_, at) => ({ at, more: [at] }))
  expect(tell(list)).not.toBe('right')
  expect(tell([...list, { more: [7], at: 7 }])).toBe('right')
})
