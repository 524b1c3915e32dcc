import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SchemaNode } from '../script/body.ts'
import { strictComplaint } from './validate-schema.ts'

const schemas = new URL('../../../../../shared/data/openai/strict-schemas.json', import.meta.url)
const there = existsSync(schemas)

describe('a strict schema', () => {
  test.skipIf(!there)('that the platform accepted is accepted (skipped where ../shared/data is not there)', () => {
    const { accepted } = JSON.parse(readFileSync(schemas, 'utf8')) as { readonly accepted: readonly SchemaNode[] }
    expect(accepted).toHaveLength(40)
    expect(accepted.map(strictComplaint)).toEqual(accepted.map(() => undefined))
  })

  const inside = (node: object): SchemaNode => ({
    type: 'object',
    properties: { city: node },
    required: ['city'],
    additionalProperties: false,
  })
  test.for<[node: object, complaint: string]>([
    [{ allOf: [{ type: 'string' }] }, "In context=('properties', 'city'), 'allOf' is not permitted."],
    [{ description: 'any' }, "In context=('properties', 'city'), schema must have a 'type' key."],
    [
      { anyOf: [{ type: 'null' }, { type: 'object', properties: {}, required: [] }] },
      "In context=('properties', 'city', 'anyOf', '1'), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      { type: 'array', items: { type: 'object', properties: {}, required: ['x'], additionalProperties: false } },
      "In context=('properties', 'city', 'items'), 'required' is required to be supplied and to be an array including every key in properties. Extra required key 'x' supplied.",
    ],
    [
      { type: 'string', enum: Array.from({ length: 1001 }, (_, index) => `v${index}`) },
      'schema has 1001 enum values, which exceeds the limit of 1000.',
    ],
    [
      { type: 'string', enum: Array.from({ length: 251 }, (_, index) => `${index}${'v'.repeat(60)}`) },
      'enum has 15703 characters in over 250 values, which exceeds the limit of 15000.',
    ],
  ])('with %o inside is refused: %s', ([node, complaint]) => {
    expect(strictComplaint(inside(node))).toBe(complaint)
  })

  test('may be ten levels deep and no deeper', () => {
    const nest = (levels: number): SchemaNode =>
      levels === 1
        ? { type: 'string' }
        : { type: 'object', properties: { a: nest(levels - 1) }, required: ['a'], additionalProperties: false }
    expect(strictComplaint(nest(11))).toBeUndefined()
    expect(strictComplaint(nest(12))).toBe('11 levels of nesting exceeds limit of 10.')
  })
})
