// Every supported form of JSON Schema, with ajv as the judge of what is right.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { deepStrictEqual } from 'node:assert/strict'
import { expect, test } from 'vitest'
import type { Schema } from '../contracts/schema.ts'
import { checkStrict } from './limits/check.ts'
import { compile } from './compile.ts'
import { type Form, root } from './forms.fixture.ts'
import { pathText, valueAt } from './raw/place.ts'
import { isList, isObject } from './raw/raw.ts'
import { UNWRITTEN, written } from './written.fixture.ts'

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false, code: { optimize: false } })

type Check = (value: unknown) => readonly ErrorObject[]

function checkOf(json: object): Check {
  const fits = ajv.compile(json)
  return (value) => (fits(value) ? [] : (fits.errors ?? []))
}

/** A schema whose library checks all that a strict schema can say, and nothing of what this project is to hold. */
function forgetful(json: object): Schema {
  const check = checkOf(forgotten(json) as object)
  const validate = (value: unknown) => {
    const issues = check(value).map((error) => ({
      message: error.message ?? '',
      path: keysOf(error.instancePath, value),
    }))
    return issues.length > 0 ? { issues } : { value }
  }
  const input = (): Record<string, unknown> => ({ ...json })
  return { '~standard': { version: 1, vendor: 'forgetful', validate, jsonSchema: { input, output: input } } }
}

const FORGOTTEN =
  'not if then else contains minContains maxContains dependencies dependentRequired dependentSchemas'.split(' ')

/** No name of a property is one of a keyword here. */
function forgotten(raw: unknown): unknown {
  if (isList(raw)) return raw.map(forgotten)
  if (!isObject(raw)) return raw
  const isBeside = raw['type'] !== undefined
  const left = new Set([
    ...FORGOTTEN,
    ...(isBeside ? ['anyOf', 'oneOf'] : []),
    ...(raw['patternProperties'] ? ['patternProperties', 'additionalProperties'] : []),
  ])
  const kept = Object.entries(raw).filter(([keyword]) => !left.has(keyword))
  return Object.fromEntries(kept.map(([keyword, inner]) => [keyword, forgotten(inner)]))
}

/** The keys of a pointer into a value: numbers where lists stand. */
function keysOf(pointer: string, value: unknown): readonly PropertyKey[] {
  let place = value
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const key = isList(place) ? Number(name) : name
      place = valueAt(place, [key])
      return key
    })
}

/** The places that ajv names, as this project writes them. */
function placesOf(errors: readonly ErrorObject[], value: unknown, above: readonly string[]): readonly string[] {
  return errors.flatMap(({ instancePath, params }) => {
    const { missingProperty, additionalProperty, propertyName }: Record<string, unknown> = params
    const names = [missingProperty, additionalProperty, propertyName].filter((name) => typeof name === 'string')
    const keys = [...above, ...keysOf(instancePath, value)]
    return [keys, ...names.map((name) => [...keys, name])].map(pathText)
  })
}

const others = fc.oneof(
  fc.constantFrom<unknown>('', 'a', 'no', 'one', 'other', 0, 1, 7, true, null, [], {}, ['a'], { a: 'x' }),
  // A text of JSON with a number that would be rounded is refused for that, and JSON has no -0.
  fc
    .jsonValue({ maxDepth: 1 })
    .map((value) => JSON.stringify(value))
    .filter((text) => !/\d{16}|e\+/.test(text))
    .map((text) => JSON.parse(text) as unknown),
)

/** Replaces one part of a value, takes it away, or adds one. */
function spoil(value: unknown, at: number, other: unknown): unknown {
  if (typeof value !== 'object' || value === null) return other
  const keys = Object.keys(value)
  if (keys.length === 0 || at % 5 === 0) return other
  const copy: Record<string, unknown> = isList(value) ? (value.slice() as never) : { ...value }
  const key = keys[at % keys.length] ?? ''
  if (at % 7 === 0 && !isList(value)) copy['a'] = other
  else if (at % 7 === 1 && !isList(value)) delete copy[key]
  else copy[key] = spoil(copy[key], at >> 2, other)
  return copy
}

interface Case {
  readonly schema: object
  readonly made: readonly unknown[]
  readonly spoilt: readonly unknown[]
}

const cases: fc.Arbitrary<Case> = root.chain(({ schema, defs, values }: Form) =>
  fc.record({
    schema: fc.constant({ ...schema, ...(Object.keys(defs).length > 0 && { $defs: defs }) }),
    made: fc.array(values, { minLength: 1, maxLength: 4 }),
    spoilt: fc.array(
      fc.tuple(values, fc.nat(), others).map(([value, at, other]) => spoil(value, at, other)),
      { maxLength: 4 },
    ),
  }),
)

test('every right value is delivered as it is, and every wrong one is refused by its place', () => {
  const met = { right: 0, wrong: 0 }
  fc.assert(
    fc.property(cases, ({ schema, made, spoilt }) => {
      const { json, decode, restored, wrapped } = compile(forgetful(schema), 'Test')
      expect(checkStrict(json)).toEqual([])
      const check = checkOf(schema)
      const fits = checkOf(json)
      const form = wrapped ? (json.properties?.['value'] ?? {}) : json
      for (const [value, isMade] of [...made.map((one) => [one, true]), ...spoilt.map((one) => [one, false])]) {
        const said = written(form, value, json)
        const errors = check(value)
        if (errors.length === 0) {
          met.right++
          const given = wrapped ? { value: said } : said
          // An open object takes more than its strict form, by which a model would have to guess.
          if (!isMade && (said === UNWRITTEN || fits(given).length > 0)) continue
          expect(fits(given)).toEqual([])
          deepStrictEqual(decode(given), { ok: true, value })
          continue
        }
        const inner = said === UNWRITTEN ? value : said
        const given = wrapped ? { value: inner } : inner
        const decoded = decode(given)
        // What is delivered all the same is right: a null for what may be left out.
        if (decoded.ok) {
          expect(check(decoded.value)).toEqual([])
          continue
        }
        met.wrong++
        if (said === UNWRITTEN) continue
        const places = placesOf(check(restored(given)), value, wrapped ? ['value'] : [])
        expect(places).toEqual(expect.arrayContaining(decoded.issues.map(({ path }) => path)))
      }
    }),
    { numRuns: 150 },
  )
  expect(Math.min(met.right, met.wrong)).toBeGreaterThan(100)
})
