// Keywords that a strict schema does not know and that change which values are right: said in words, and held here.
import { isList, isNever, isObject, isSaying, type Raw } from '../raw/raw.ts'

/** Keywords that hold a value to more than a strict schema can say. */
const KEYWORDS = [
  'if',
  'then',
  'else',
  'contains',
  'minContains',
  'maxContains',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
] as const

/** What of a schema no strict schema says, by itself; undefined where there is no such thing. */
export function foreignOf(raw: Raw): Raw | undefined {
  const { not, properties, additionalProperties, patternProperties } = raw
  const kept = KEYWORDS.filter((keyword) => raw[keyword] !== undefined)
  const foreign: Raw = {
    ...Object.fromEntries(kept.map((keyword) => [keyword, raw[keyword]])),
    ...(not !== undefined && !isNever(raw) && { not }),
    ...(isUnionBeside(raw) && { anyOf: raw['anyOf'], oneOf: raw['oneOf'] }),
    ...(isSaying(patternProperties) && { properties: namesOf(properties), patternProperties, additionalProperties }),
  }
  return Object.keys(foreign).length > 0 ? foreign : undefined
}

/** What of it is a condition; what stands for keys and in alternatives is said too, and refused where that cannot be. */
export function conditionsOf(foreign: Raw): Raw {
  return Object.fromEntries(Object.entries(foreign).filter(([keyword]) => keyword === 'not' || isWorded(keyword)))
}

/** Takes away what is said in words. */
export function withoutForeign(raw: Raw): Raw {
  const { not, ...rest } = raw
  const others = Object.entries(rest).filter(([keyword]) => !isWorded(keyword))
  return { ...Object.fromEntries(others), ...(isNever(raw) && { not }) }
}

function isWorded(keyword: string): boolean {
  return KEYWORDS.some((one) => one === keyword)
}

/** Only names keep others from being held to what stands for those that have none. */
function namesOf(properties: unknown): Raw | undefined {
  return isObject(properties) ? Object.fromEntries(Object.keys(properties).map((name) => [name, true])) : undefined
}

/** Keywords that say which values are right, beside alternatives of them. */
const TELLING = new Set(
  (
    '$ref allOf type const enum properties required additionalProperties patternProperties propertyNames items prefixItems ' +
    'additionalItems minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format ' +
    'minItems maxItems uniqueItems minProperties maxProperties'
  ).split(' '),
)

/** Tells whether a schema gives alternatives, and says more of what is right than they do. */
export function isUnionBeside(raw: Raw): boolean {
  if (!isList(raw['anyOf']) && !isList(raw['oneOf'])) return false
  if (isList(raw['anyOf']) && isList(raw['oneOf'])) return true
  return Object.keys(raw).some((keyword) => isTelling(keyword) && raw[keyword] !== undefined)
}

/** Whether a keyword says anything of which values are right. */
export function isTelling(keyword: string): boolean {
  return TELLING.has(keyword)
}
