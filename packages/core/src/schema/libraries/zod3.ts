import { dateTimeWords, patternWords, timeWords } from './checks.ts'
import { isList, isObject, type Raw, UNSAYABLE } from '../raw/raw.ts'
import { WORDS } from '../raw/words.ts'

/** What is used of the package `zod-to-json-schema`; its own types would bring Zod's. */
interface ZodToJsonSchema {
  readonly zodToJsonSchema: (schema: unknown, options: { readonly [option: string]: unknown }) => Raw
  readonly ignoreOverride: symbol
}

/** Types that the package gives a schema for which other values fit than the type takes, or none at all. */
const UNSAYABLE_TYPES: { readonly [typeName: string]: string } = {
  ZodBigInt: 'bigint',
  ZodDate: 'date',
  ZodFunction: 'function',
  ZodMap: 'map',
  ZodNaN: 'nan',
  ZodPromise: 'promise',
  ZodSet: 'set',
  ZodSymbol: 'symbol',
  ZodUndefined: 'undefined',
  ZodVoid: 'void',
}

/** Tells whether a schema is a type of Zod 3. Those of Zod 4 must never come here: their JSON Schema would be empty. */
export function isZod3(schema: unknown): boolean {
  if (!isObject(schema) || '_zod' in schema) return false
  const def = schema['_def']
  return isObject(def) && typeof def['typeName'] === 'string'
}

/** Makes the JSON Schema of what a type of Zod 3 takes. The package that does it is loaded with the first such type. */
export function fromZod3(schema: unknown): Raw {
  // Synchronous, as definitions are; and no import, so that start-up does not pay for what few need.
  const load = process.getBuiltinModule('node:module').createRequire(import.meta.url)
  const { zodToJsonSchema, ignoreOverride } = load('zod-to-json-schema') as ZodToJsonSchema
  return zodToJsonSchema(schema, {
    $refStrategy: 'root',
    effectStrategy: 'input',
    pipeStrategy: 'input',
    override: (def: Raw) => correct(def) ?? ignoreOverride,
    postProcess: sayChecksOf,
  })
}

/** Says in words what a text is held to and its JSON Schema does not say. Messages of refinements cannot be had here. */
function sayChecksOf(json: Raw | undefined, def: Raw): Raw | undefined {
  const checks = isList(def['checks']) ? def['checks'].filter(isObject) : []
  const regexes = checks.map((check) => check['regex']).filter((regex) => regex instanceof RegExp)
  const unsaid = new Set<unknown>(regexes.flatMap((regex) => (patternWords(regex) === undefined ? [] : regex.source)))
  const times = checks.flatMap((check) => wordsOfTime(check))
  const words = [...times, ...regexes.flatMap((regex) => patternWords(regex) ?? [])]
  if (!json || words.length === 0) return json
  const { pattern, allOf, ...rest } = json
  return {
    ...rest,
    ...(pattern !== undefined && !unsaid.has(pattern) && { pattern }),
    ...(isList(allOf) && { allOf: allOf.filter((part) => !(isObject(part) && unsaid.has(part['pattern']))) }),
    [WORDS]: words,
  }
}

function wordsOfTime(check: Raw): readonly string[] {
  if (check['kind'] === 'datetime') return [dateTimeWords(check)]
  return check['kind'] === 'time' ? [timeWords(check)] : []
}

/** Says what the package says wrongly. */
function correct(def: Raw): Raw | undefined {
  const typeName = String(def['typeName'])
  const type = UNSAYABLE_TYPES[typeName]
  if (type !== undefined) return { [UNSAYABLE]: type }
  if (typeName === 'ZodLiteral' && def['value'] === null) return { type: 'null' }
  if (typeName === 'ZodLiteral' && typeof def['value'] === 'bigint') return { [UNSAYABLE]: 'bigint' }
  // The package looks into these by itself, past this correction.
  return squashed(def).some((inner) => typeNameOf(inner) === 'ZodBigInt') ? { [UNSAYABLE]: 'bigint' } : undefined
}

function squashed(def: Raw): readonly unknown[] {
  if (def['typeName'] === 'ZodNullable') return [def['innerType']]
  return def['typeName'] === 'ZodUnion' && isList(def['options']) ? def['options'] : []
}

function typeNameOf(schema: unknown): unknown {
  return isObject(schema) && isObject(schema['_def']) ? schema['_def']['typeName'] : undefined
}
