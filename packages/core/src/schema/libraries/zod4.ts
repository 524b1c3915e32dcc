// What Zod 4 checks and its JSON Schema does not say, or says so that a model's service would take it otherwise.
import { dateTimeWords, isOwnEmail, patternWords, timeWords } from './checks.ts'
import { FORMATS } from '../limits/limits.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'
import { WORDS, wordsOf } from '../raw/words.ts'

/** A part of a schema as Zod says it, which may be changed in place. */
interface Part {
  readonly zodSchema: unknown
  readonly jsonSchema: { [keyword: string]: unknown }
}

/** One check of a schema: the definition that Zod's own libraries go by. */
type Check = Raw

/** Writes beside each part of a schema, in words, what is checked there. */
export function sayChecks({ zodSchema, jsonSchema }: Part): void {
  const checks = checksOf(zodSchema)
  const words = new Set([...wordsOf(jsonSchema), ...checks.flatMap(wordsOfCheck), ...choiceWords(zodSchema)])
  if (words.size > 0) jsonSchema[WORDS] = [...words]
  // A known format says what the long pattern beside it does.
  const isFormat = FORMATS.has(jsonSchema['format'])
  const unsaid = new Set(checks.flatMap((check) => (isFormat || isTelling(check) ? sourceOf(check) : [])))
  if (unsaid.has(jsonSchema['pattern'])) delete jsonSchema['pattern']
  const { allOf } = jsonSchema
  if (isList(allOf)) jsonSchema['allOf'] = allOf.filter((part) => !(isObject(part) && unsaid.has(part['pattern'])))
}

/** The checks of a schema, the one that it is itself among them, and those of what a plain text is piped into. */
function checksOf(zodSchema: unknown): readonly Check[] {
  const def = defOf(zodSchema)
  const more = isList(def['checks']) ? def['checks'].map(defOf) : []
  const isPipe = def['type'] === 'pipe' && defOf(def['in'])['type'] === 'string'
  return [...('check' in def ? [def] : []), ...more, ...(isPipe ? checksOf(def['out']) : [])]
}

function defOf(zodSchema: unknown): Raw {
  const inner = isObject(zodSchema) ? zodSchema['_zod'] : undefined
  const def = isObject(inner) ? inner['def'] : undefined
  return isObject(def) ? def : {}
}

function wordsOfCheck(check: Check): readonly string[] {
  const { format, check: kind } = check
  if (kind === 'custom') return messageOf(check)
  const { pattern } = check
  switch (format) {
    case 'datetime':
      return [dateTimeWords(check)]
    case 'time':
      return [timeWords(check)]
    case 'uuid':
      return typeof check['version'] === 'string' ? [`a UUID of version ${check['version'].replace('v', '')}`] : []
    case 'jwt':
      return typeof check['alg'] === 'string' ? [`with the algorithm ${check['alg']}`] : []
    case 'url':
      return ['protocol', 'hostname'].flatMap((part) =>
        check[part] instanceof RegExp ? `its ${part} matching ${String(check[part])}` : [],
      )
    case 'email':
      return pattern instanceof RegExp && isOwnEmail(pattern) ? [`matching ${String(pattern)}`] : []
    default:
      return pattern instanceof RegExp ? [patternWords(pattern) ?? []].flat() : []
  }
}

/** A message of a check of the user's own, where it is the same for every value. */
function messageOf({ error }: Check): readonly string[] {
  if (typeof error !== 'function' || error.length > 0) return []
  try {
    // Zod makes one of each text that it is given; one of the user's takes an issue, and was left out above.
    const message = (error as () => unknown)()
    return typeof message === 'string' && message !== '' ? [message] : []
  } catch {
    return []
  }
}

/** The words that a text which becomes a boolean may be. */
function choiceWords(zodSchema: unknown): readonly string[] {
  const inner = isObject(zodSchema) ? zodSchema['_zod'] : undefined
  const bag = isObject(inner) && isObject(inner['bag']) ? inner['bag'] : {}
  const [yes, no] = [bag['truthy'], bag['falsy']]
  return isList(yes) && isList(no) ? [`${yes.join(', ')} for yes; ${no.join(', ')} for no`] : []
}

function isTelling({ pattern }: Check): boolean {
  return pattern instanceof RegExp && patternWords(pattern) !== undefined
}

function sourceOf({ pattern }: Check): readonly unknown[] {
  return pattern instanceof RegExp ? [pattern.source] : []
}
