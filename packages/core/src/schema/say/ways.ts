// The keys of an object that are not named one by one: each is chosen in one of several ways.
import type { JsonSchema } from '../../contracts/schema.ts'
import { isObject, isSaying, type Raw } from '../raw/raw.ts'
import { refuse } from './refuse.ts'
import { regexOf } from '../raw/regex.ts'
import type { Restore, Said, Speaker } from './said.ts'

/** One way in which keys are chosen, and what stands there. */
export interface Way {
  /** Undefined where any key will do that no pattern takes. */
  readonly pattern: string | undefined
  readonly value: unknown
}

/** The ways in which an object's keys are chosen; none where all are named. */
export function waysOf(
  { patternProperties, additionalProperties }: Raw,
  path: string,
  speaker: Speaker,
): readonly Way[] {
  const patterns = isObject(patternProperties) ? Object.entries(patternProperties) : []
  const odd = patterns.find(([pattern]) => !regexOf(pattern))
  if (odd) {
    const what = `chooses its keys by the pattern ${JSON.stringify(odd[0])}, which is none in JavaScript`
    throw refuse(speaker, path, what, 'Write a regular expression.')
  }
  const others = isSaying(additionalProperties) ? [{ pattern: undefined, value: additionalProperties }] : []
  return [...patterns.map(([pattern, value]) => ({ pattern, value })), ...others]
}

/** Pairs of a key and its value, and how the value of a key is restored: as the first way says that takes the key. */
export interface Pairs {
  readonly json: JsonSchema
  readonly restoreOf: (key: string) => Restore | undefined
}

/** Says pairs whose keys are chosen in one of some ways. */
export function sayPairs(ways: readonly Way[], { propertyNames }: Raw, path: string, speaker: Speaker): Pairs {
  const said = ways.map(({ pattern, value }) => {
    const names = { type: 'string', ...(isObject(propertyNames) && propertyNames) }
    const key = speaker.say(pattern === undefined ? names : { ...names, pattern }, `${path}.*`)
    return { pattern, key: key.json, value: speaker.say(value, `${path}.*`) }
  })
  const pairs = said.map((way) => pairOf(way.key, way.value))
  const [only] = pairs
  return {
    json: only && pairs.length === 1 ? only : { anyOf: pairs },
    restoreOf: (key) => said.find(({ pattern }) => pattern === undefined || regexOf(pattern)?.test(key))?.value.restore,
  }
}

function pairOf(key: JsonSchema, value: Said): JsonSchema {
  return {
    type: 'object',
    properties: { key, value: value.json },
    required: ['key', 'value'],
    additionalProperties: false,
  }
}
