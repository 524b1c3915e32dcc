import type { JsonSchema, JsonType } from '../contracts/schema.ts'
import { annotate, inWords } from './annotate.ts'
import { FORMATS, isPlainPattern } from './limits.ts'
import { unite } from './nullable.ts'
import type { Raw } from './raw.ts'
import { refuse, refuseType } from './refuse.ts'
import type { Said, Speaker } from './said.ts'
import { wordsOf } from './words.ts'

const NUMBER_BOUNDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const

/** The most characters of a pattern that may say more than the format that it stands beside. */
const SHORT_PATTERN = 100

/** What a model is told of a secret: the bounds are those of the value, and it is given a token. */
const SECRET = 'a secret: where you know it as a token, secret_..., give the token as it stands'

/** Says text. Bounds that strict mode does not take are said in words; the user's schema holds them all the same. */
export function sayText(raw: Raw, path: string, speaker: Speaker): Said {
  const { format, pattern, minLength, maxLength } = raw
  if (raw['secret'] === true) return { json: annotate({ type: 'string' }, inWords(raw, [SECRET])) }
  if (format === 'binary') throw refuseType(speaker.where, path, 'file')
  const words = [...wordsOf(raw)]
  if (typeof minLength === 'number') words.push(`at least ${minLength} characters`)
  if (typeof maxLength === 'number') words.push(`at most ${maxLength} characters`)
  const json: { type: 'string'; format?: string; pattern?: string } = { type: 'string' }
  if (typeof format === 'string' && FORMATS.has(format)) {
    json.format = format
    // A long one spells the format out.
    if (typeof pattern === 'string' && pattern.length <= SHORT_PATTERN) words.push(`matching /${pattern}/`)
  } else if (typeof pattern === 'string' && isPlainPattern(pattern)) json.pattern = pattern
  else if (typeof pattern === 'string') words.push(`matching /${pattern}/`)
  else if (typeof format === 'string') words.push(`format ${format}`)
  return { json: annotate(json, inWords(raw, words)) }
}

/** Says a number. The bounds of safe integers, which libraries add by themselves, are left out. */
export function sayNumber(raw: Raw, type: 'number' | 'integer'): Said {
  const bounds = NUMBER_BOUNDS.filter(
    (key) => typeof raw[key] === 'number' && Math.abs(raw[key]) !== Number.MAX_SAFE_INTEGER,
  )
  return { json: annotate({ type, ...Object.fromEntries(bounds.map((key) => [key, raw[key]])) }, raw) }
}

/** Says a boolean or null. */
export function sayPlain(raw: Raw, type: 'boolean' | 'null'): Said {
  return { json: annotate({ type }, raw) }
}

/** Says one of some values. Values of several types become an alternative for each type. */
export function sayChoice(raw: Raw, path: string, speaker: Speaker): Said {
  const values = 'const' in raw ? [raw['const']] : [...new Set(raw['enum'] as unknown[])]
  if (values.length === 0) throw refuseType(speaker.where, path, 'never')
  const byType = Map.groupBy(
    values.map((value) => asScalar(value, path, speaker)),
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

function asScalar(value: unknown, path: string, { where }: Speaker): Scalar {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  throw refuse(
    where,
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
