import { FORMATS, isPlainPattern } from './limits.ts'
import { follow } from '../raw/follow.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'
import type { StrictRule, Violation } from './violation.ts'
import type { Node } from '../raw/walk.ts'

const NOTES = ['title', 'description', 'default']
const VALUES = ['type', 'const', 'enum', ...NOTES]
const NUMBERS = [...VALUES, 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']

/** The keywords that each type takes. */
const KEYWORDS: { readonly [type: string]: readonly string[] } = {
  object: ['type', 'properties', 'required', 'additionalProperties', ...NOTES],
  array: ['type', 'items', 'minItems', 'maxItems', ...NOTES],
  string: [...VALUES, 'pattern', 'format'],
  number: NUMBERS,
  integer: NUMBERS,
  boolean: VALUES,
  null: VALUES,
}
const OF_ROOT = ['$schema', '$id', '$defs']

type Fault = readonly [rule: StrictRule, message: string]

/** Checks one schema by itself; `root` is what references point into. */
export function checkNode({ json, path }: Node, root: unknown): readonly Violation[] {
  if (!isObject(json)) return [{ path, rule: 'shape', message: `${path} must be an object that says a type.` }]
  const faults = [...checkKeywords(json, json === root), ...checkShape(json, root)]
  return faults.map(([rule, message]) => ({ path, rule, message: `${path} ${message}` }))
}

function checkKeywords(json: Raw, isRoot: boolean): readonly Fault[] {
  const allowed = new Set([...keywordsOf(json), ...(isRoot ? OF_ROOT : [])])
  return Object.keys(json)
    .filter((keyword) => !allowed.has(keyword))
    .map((keyword) => ['keyword', `may not have "${keyword}".`])
}

function keywordsOf(json: Raw): readonly string[] {
  if ('$ref' in json) return ['$ref']
  if ('anyOf' in json) return ['anyOf', ...NOTES]
  return ['type', ...typesOf(json).flatMap((type) => KEYWORDS[type] ?? [])]
}

function checkShape(json: Raw, root: unknown): readonly Fault[] {
  if ('$ref' in json) return checkReference(json['$ref'], root)
  if ('anyOf' in json) {
    const { anyOf } = json
    return isList(anyOf) && anyOf.length > 0 ? [] : [['shape', 'must list at least one schema in "anyOf".']]
  }
  const types = typesOf(json)
  if (types.length === 0 || types.some((type) => !Object.hasOwn(KEYWORDS, type))) return [['shape', 'must say a type.']]
  return [
    ...(types.includes('object') ? checkObject(json) : []),
    ...(types.includes('array') && !isObject(json['items']) ? [['list', 'must say what its items are.'] as const] : []),
    ...checkText(json),
    ...checkValues(json, types),
  ]
}

function checkObject({ additionalProperties, properties, required }: Raw): readonly Fault[] {
  if (!isObject(properties)) return [['object', 'must name its properties.']]
  const faults: Fault[] = []
  if (additionalProperties !== false) faults.push(['object', 'must have "additionalProperties": false.'])
  const names = new Set(isList(required) ? required : [])
  const missing = Object.keys(properties).filter((name) => !names.delete(name))
  if (missing.length > 0) faults.push(['object', `must require all its properties: ${missing.join(', ')}.`])
  if (names.size > 0) faults.push(['object', `requires what it does not have: ${[...names].join(', ')}.`])
  return faults
}

function checkReference(ref: unknown, root: unknown): readonly Fault[] {
  const isKnown =
    typeof ref === 'string' && isObject(root) && /^#$|^#\/\$defs\/[^/]+$/.test(ref) && isObject(follow(root, ref))
  return isKnown ? [] : [['reference', `refers to ${String(ref)}, which is neither the root nor a definition.`]]
}

function checkText({ pattern, format }: Raw): readonly Fault[] {
  const faults: Fault[] = []
  if (pattern !== undefined && !(typeof pattern === 'string' && isPlainPattern(pattern))) {
    faults.push(['pattern', 'may not look around or back in its pattern.'])
  }
  if (format !== undefined && !FORMATS.has(format)) {
    faults.push(['format', `has the format ${JSON.stringify(format)}, which is none of: ${[...FORMATS].join(', ')}.`])
  }
  return faults
}

function checkValues(json: Raw, types: readonly string[]): readonly Fault[] {
  const list = 'enum' in json ? json['enum'] : []
  if (!isList(list) || ('enum' in json && list.length === 0))
    return [['values', 'must list at least one value in "enum".']]
  const values: readonly unknown[] = 'const' in json ? [...list, json['const']] : list
  const odd = values.find((value) => !types.some((type) => isOfType(value, type)))
  return odd === undefined ? [] : [['values', `lists ${JSON.stringify(odd)}, which is not of its type.`]]
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

function typesOf(json: Raw): readonly string[] {
  return [json['type'] ?? []].flat().map(String)
}
