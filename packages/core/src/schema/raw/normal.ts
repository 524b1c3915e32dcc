// What older drafts, OpenAPI and lists of tools write in their own way, as JSON Schema has it.
import { isList, isObject, type Raw } from './raw.ts'

/** Types of other languages, as lists of tools write them. */
const TYPES = new Map([
  ['dict', 'object'],
  ['map', 'object'],
  ['hashmap', 'object'],
  ['hashtable', 'object'],
  ['float', 'number'],
  ['double', 'number'],
  ['decimal', 'number'],
  ['int', 'integer'],
  ['long', 'integer'],
  ['short', 'integer'],
  ['byte', 'integer'],
  ['str', 'string'],
  ['char', 'string'],
  ['bool', 'boolean'],
  ['list', 'array'],
  ['arraylist', 'array'],
  ['tuple', 'array'],
  ['set', 'array'],
  ['none', 'null'],
])

const KNOWN = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'])

/** Types that say nothing. */
const ANYTHING = new Set(['any', 'unknown', ''])

/** Keywords whose values are values, and no schemas. */
const VALUES = new Set(['const', 'enum', 'default', 'example', 'examples', 'required'])

/** Keywords whose values are schemas by names of the author's. */
const MAPS = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  'dependentRequired',
  '$defs',
  'definitions',
])

/** Gives a schema as JSON Schema has it: itself where it is so already. */
export function normalOf(raw: Raw): Raw {
  return normal(raw) as Raw
}

function normal(raw: unknown): unknown {
  if (isList(raw)) return same(raw, raw.map(normal))
  if (!isObject(raw)) return raw
  const kept = Object.entries(raw).filter(([keyword, value]) => value !== null || !isMissing(keyword))
  const parts = kept.map(([keyword, value]): [string, unknown] => [keyword, part(keyword, value)])
  const isChanged = kept.length < Object.keys(raw).length || parts.some(([, value], at) => value !== kept[at]?.[1])
  return nullable(choiceOfItems(typed(isChanged ? Object.fromEntries(parts) : raw)))
}

/** A keyword that is null says nothing, unless null is one of its values. */
function isMissing(keyword: string): boolean {
  return !VALUES.has(keyword) || keyword === 'required' || keyword === 'enum'
}

function part(keyword: string, value: unknown): unknown {
  if (VALUES.has(keyword)) return value
  if (!MAPS.has(keyword) || !isObject(value)) return normal(value)
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [name, normal(inner)])
  return entries.some(([name, inner]) => inner !== value[name]) ? Object.fromEntries(entries) : value
}

function same(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((item, at) => item === before[at]) ? before : after
}

function typed(raw: Raw): Raw {
  const { type, ...rest } = raw
  if (typeof type === 'string') {
    const known = nameOf(type)
    // Of what may be anything no type is to be said.
    return known === 'any' ? rest : known === type ? raw : { ...raw, type: known }
  }
  if (!isList(type)) return raw
  const types = same(
    type,
    type.map((one) => (typeof one === 'string' ? nameOf(one) : one)),
  )
  return types.includes('any') ? rest : types === type ? raw : { ...raw, type: [...new Set(types)] }
}

function nameOf(type: string): string {
  const lower = type.toLowerCase()
  if (KNOWN.has(type)) return type
  if (KNOWN.has(lower)) return lower
  return ANYTHING.has(lower) ? 'any' : (TYPES.get(lower) ?? type)
}

/** Values beside a list none of which is a list are those of its items: nothing else would be a value of it. */
function choiceOfItems(raw: Raw): Raw {
  const { enum: values, ...rest } = raw
  const { type, items = {} } = rest
  if (type !== 'array' || !isList(values) || values.length === 0 || values.some(isList)) return raw
  return isObject(items) && !('enum' in items) ? { ...rest, items: { ...items, enum: values } } : raw
}

/** OpenAPI says by a flag that null is taken too. */
function nullable(raw: Raw): Raw {
  if (raw['nullable'] !== true) return raw
  const { nullable: _, ...rest } = raw
  const { type, $ref, allOf, anyOf, oneOf } = rest
  if (typeof $ref === 'string' || isList(allOf)) return { anyOf: [rest, { type: 'null' }] }
  if (type !== undefined) return { ...rest, type: [...new Set([...[type].flat(), 'null'])] }
  if (isList(anyOf)) return { ...rest, anyOf: [...anyOf, { type: 'null' }] }
  return isList(oneOf) ? { ...rest, oneOf: [...oneOf, { type: 'null' }] } : rest
}
