// Puts together two schemas that must both hold, keyword by keyword.
import { sameJson } from '../../values/same-json.ts'
import { eitherOf, MORE } from './apart.ts'
import { isOfItsTypes } from '../raw/of-type.ts'
import { isList, isNever, isObject, type Raw } from '../raw/raw.ts'
import { WORDS } from '../raw/words.ts'

/** Takes nothing. */
export const NEVER: Raw = { not: {} }

/** Two schemas that no value keeps both of, or that cannot be put together. */
export class Differ extends Error {
  readonly keyword: string
  /** Whether no value keeps both. */
  readonly isContradiction: boolean

  constructor(keyword: string, isContradiction: boolean) {
    super(keyword)
    this.keyword = keyword
    this.isContradiction = isContradiction
  }
}

/** Makes one place of two that stand at one name. */
export type Pair = (one: unknown, other: unknown) => unknown

/** Puts together all that must hold at once; none of them combines or refers. Throws Differ. */
export function meet(parts: readonly Raw[], pair: Pair): Raw {
  const met = new Map<string, unknown>()
  const members = new Map<string, unknown>()
  const required = new Set<unknown>()
  for (const { properties, required: names, ...part } of parts) {
    if (isObject(properties)) meetMembers(members, properties, pair)
    if (isObject(properties) && !met.has('properties')) met.set('properties', undefined)
    for (const name of isList(names) ? names : []) required.add(name)
    for (const [keyword, value] of Object.entries(part)) meetKeyword(met, keyword, value, pair)
  }
  const never = [...members].find(([name, member]) => required.has(name) && isNever(member))
  if (never) throw new Differ(never[0], true)
  if (met.has('properties')) met.set('properties', Object.fromEntries(members))
  if (required.size > 0) met.set('required', [...required])
  return withValues(Object.fromEntries(met))
}

function meetMembers(members: Map<string, unknown>, properties: Raw, pair: Pair): void {
  for (const [name, member] of Object.entries(properties))
    members.set(name, members.has(name) ? pair(members.get(name), member) : member)
}

function meetKeyword(met: Map<string, unknown>, keyword: string, value: unknown, pair: Pair): void {
  const before = met.get(keyword)
  if (before === undefined) met.set(keyword, value)
  else if (IN_WORDS.has(keyword) && !sameJson(before, value)) addWord(met, IN_WORDS.get(keyword)?.(value) ?? '')
  else if (!sameJson(before, value)) met.set(keyword, MEETING.get(keyword)?.(before, value, pair) ?? before)
}

/** Of these a place has one; what another adds is said. */
const IN_WORDS = new Map<string, (value: unknown) => string>([
  ['pattern', (pattern) => `matching /${String(pattern)}/`],
  ['multipleOf', (divisor) => `a multiple of ${String(divisor)}`],
  ['format', (format) => `format ${String(format)}`],
])

function addWord(met: Map<string, unknown>, word: string): void {
  met.set(WORDS, [...listOf(met.get(WORDS)), word])
}

type Meeting = (one: unknown, other: unknown, pair: Pair) => unknown

const greater: Meeting = (one, other) => (typeof other === 'number' && Number(one) < other ? other : one)
const less: Meeting = (one, other) => (typeof other === 'number' && Number(one) > other ? other : one)
const paired: Meeting = (one, other, pair) => pair(one, other)
const together: Meeting = (one, other) => [...new Set([...listOf(one), ...listOf(other)])]

/** By keyword; of any other, which is a note, the first stays. */
const MEETING = new Map<string, Meeting>([
  ...['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'].map(
    (keyword) => [keyword, greater] as const,
  ),
  ...['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'].map(
    (keyword) => [keyword, less] as const,
  ),
  ['uniqueItems', (one, other) => one === true || other === true],
  ['secret', (one, other) => one === true || other === true],
  ['type', meetTypes],
  ['enum', (one, other) => meetValues(listOf(one), listOf(other), 'enum')],
  ['const', () => differ('const')],
  ['items', paired],
  ['propertyNames', paired],
  ['prefixItems', () => differ('prefixItems', false)],
  ['patternProperties', (one, other, pair) => meetMaps(one, other, pair)],
  // A library that combines a closed object with a record takes the record's keys.
  [
    'additionalProperties',
    (one, other, pair) =>
      isObject(one) && isObject(other) ? pair(one, other) : isObject(one) ? one : isObject(other) ? other : false,
  ],
  [WORDS, together],
  [MORE, (one, other) => eitherOf([one, other].flatMap((more) => (isObject(more) ? Object.entries(more) : [])))],
])

function differ(keyword: string, isContradiction = true): never {
  throw new Differ(keyword, isContradiction)
}

function meetMaps(one: unknown, other: unknown, pair: Pair): unknown {
  const members = new Map(Object.entries(isObject(one) ? one : {}))
  if (isObject(other)) meetMembers(members, other, pair)
  return Object.fromEntries(members)
}

function meetTypes(one: unknown, other: unknown): unknown {
  const [these, those] = [[one].flat().map(String), [other].flat().map(String)]
  const common = these.flatMap((type) => {
    if (those.includes(type) || (type === 'integer' && those.includes('number'))) return [type]
    return type === 'number' && those.includes('integer') ? ['integer'] : []
  })
  const [only] = common
  return only === undefined ? differ('type') : common.length === 1 ? only : common
}

function meetValues(one: readonly unknown[], other: readonly unknown[], keyword: string): readonly unknown[] {
  const common = one.filter((value) => other.some((same) => sameJson(value, same)))
  return common.length === 0 ? differ(keyword) : common
}

/** A constant among values is that constant. Some value must be of the types that are left. */
function withValues(raw: Raw): Raw {
  const values = 'const' in raw ? [raw['const']] : raw['enum']
  if (isList(values) && !values.some((value) => isOfItsTypes(value, raw))) differ('const' in raw ? 'const' : 'enum')
  return withConstant(raw)
}

function withConstant(raw: Raw): Raw {
  if (!('const' in raw) || !isList(raw['enum'])) return raw
  const { enum: values, ...rest } = raw
  meetValues(values, [raw['const']], 'const')
  return rest
}

function listOf(value: unknown): readonly unknown[] {
  return isList(value) ? value : []
}
