import type { JsonSchema, JsonType } from '../../contracts/schema.ts'
import { cut } from '../../values/cut.ts'
import { annotate, inWords } from './annotate.ts'
import { FORMATS, isPlainPattern } from '../limits/limits.ts'
import { unite, withNull } from './nullable.ts'
import { allowsNull } from '../raw/allows-null.ts'
import { isPattern } from './pattern.ts'
import { isOfItsTypes } from '../raw/of-type.ts'
import type { Raw } from '../raw/raw.ts'
import { refuse, refuseType } from './refuse.ts'
import type { Said, Speaker } from './said.ts'
import { wordsOf } from '../raw/words.ts'

const NUMBER_BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const

/** The most characters of a pattern that may say more than the format that it stands beside. */
const SHORT_PATTERN = 100

/** The most characters of values that a refusal shows. */
const LONGEST_SHOWN = 100

/** What a model is told of a secret: the bounds are those of the value, and it is given a token. */
const SECRET = 'a secret: where you know it as a token, secret_..., give the token as it stands'

/** Says text that is a secret. Its bounds are left out: what the model writes may be the token that stands for it. */
export function saySecret(raw: Raw, { root }: Speaker): Said {
  const text: JsonSchema = { type: 'string' }
  return { json: annotate(allowsNull(raw, root) ? withNull(text) : text, inWords(raw, [SECRET])) }
}

/** Says text. Bounds that strict mode does not take are said in words; the user's schema holds them all the same. */
export function sayText(raw: Raw, path: string, speaker: Speaker): Said {
  const { format, pattern, minLength, maxLength } = raw
  if (format === 'binary') throw refuseType(speaker, path, 'file')
  const words = [...wordsOf(raw)]
  if (typeof minLength === 'number') words.push(`at least ${minLength} characters`)
  if (typeof maxLength === 'number') words.push(`at most ${maxLength} characters`)
  const json: { type: 'string'; format?: string; pattern?: string } = { type: 'string' }
  if (typeof format === 'string' && FORMATS.has(format)) {
    json.format = format
    // A long one spells the format out.
    if (typeof pattern === 'string' && pattern.length <= SHORT_PATTERN) words.push(`matching /${pattern}/`)
  } else if (typeof pattern === 'string' && isPlainPattern(pattern)) json.pattern = patternAt(pattern, path, speaker)
  else if (typeof pattern === 'string') words.push(`matching /${pattern}/`)
  else if (typeof format === 'string') words.push(`format ${format}`)
  return { json: annotate(json, inWords(raw, words)) }
}

function patternAt(pattern: string, path: string, speaker: Speaker): string {
  if (isPattern(pattern)) return pattern
  throw refuse(
    speaker,
    path,
    `has the pattern ${JSON.stringify(pattern)}, which is none`,
    'Write a regular expression.',
  )
}

/** Says a number. The bounds of safe integers, which libraries add by themselves, are left out. */
export function sayNumber(type: 'number' | 'integer', raw: Raw, path: string, speaker: Speaker): Said {
  const { multipleOf } = raw
  if (typeof multipleOf === 'number' && multipleOf <= 0)
    throw refuse(speaker, path, `is to be a multiple of ${multipleOf}`, 'Use a number greater than 0.')
  const exact = withoutFlags(raw)
  const bounds = NUMBER_BOUNDS.filter(
    (key) => typeof exact[key] === 'number' && Math.abs(exact[key]) !== Number.MAX_SAFE_INTEGER,
  )
  return { json: annotate({ type, ...Object.fromEntries(bounds.map((key) => [key, exact[key]])) }, raw) }
}

/** Draft 4 says by a flag beside a bound that the bound itself is not taken. */
function withoutFlags({ minimum, maximum, ...raw }: Raw): Raw {
  return {
    ...raw,
    ...(raw['exclusiveMinimum'] === true ? { exclusiveMinimum: minimum } : { minimum }),
    ...(raw['exclusiveMaximum'] === true ? { exclusiveMaximum: maximum } : { maximum }),
  }
}

/** Says a boolean or null. */
export function sayPlain(raw: Raw, type: 'boolean' | 'null'): Said {
  return { json: annotate({ type }, raw) }
}

/** Says one of some values. Values of several types become an alternative for each type. */
export function sayChoice(raw: Raw, path: string, speaker: Speaker): Said {
  const values = 'const' in raw ? [raw['const']] : [...new Set(raw['enum'] as unknown[])]
  if (values.length === 0) throw refuseType(speaker, path, 'never')
  // Whoever lists null beside values of one type means that it may be null.
  const possible = values.filter((value) => value === null || isOfItsTypes(value, raw))
  if (!possible.some((value) => isOfItsTypes(value, raw))) {
    const types = [raw['type']].flat().join(' or ')
    const shown = values.map((value) => JSON.stringify(value)).join(', ')
    throw refuse(speaker, path, `is of type ${types} and one of ${cut(shown, LONGEST_SHOWN)}`, 'Make them agree.')
  }
  const byType = Map.groupBy(
    possible.map((value) => asScalar(value, path, speaker)),
    (value) => typeOf(value, raw),
  )
  const branches = [...byType].map(([type, group]): JsonSchema => {
    const [only = null] = group
    if (type === 'null') return { type }
    return 'const' in raw ? { type, const: only } : { type, enum: group }
  })
  return { json: annotate(unite(branches), raw) }
}

type Scalar = string | number | boolean | null

function asScalar(value: unknown, path: string, speaker: Speaker): Scalar {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  throw refuse(
    speaker,
    path,
    `must be exactly ${JSON.stringify(value)}`,
    'Use text, a number, a boolean or null as a constant.',
  )
}

function typeOf(value: Scalar, raw: Raw): JsonType {
  if (value === null) return 'null'
  if (typeof value !== 'number') return typeof value as 'string' | 'boolean'
  return raw['type'] === 'integer' ? 'integer' : 'number'
}
