import { isMixed, mergeAll } from './all-of.ts'
import { inWords } from './annotate.ts'
import { sayArray } from './array.ts'
import { sayObject } from './object.ts'
import { wordsBeside } from '../raw/beside.ts'
import { sayJsonText } from './json-text.ts'
import { isList, isNever, isObject, type Raw, UNSAYABLE } from '../raw/raw.ts'
import { refuse, refuseType } from './refuse.ts'
import type { Said, Speaker } from './said.ts'
import { sayChoice, sayNumber, sayPlain, saySecret, sayText } from './scalar.ts'
import { sayUnion } from './union.ts'
import { wordsOf } from '../raw/words.ts'

/** Says a part of a schema that is no reference in strict form. */
export function sayPart(raw: unknown, path: string, speaker: Speaker): Said {
  if (isNever(raw)) throw refuseType(speaker, path, 'never')
  if (raw === true) return sayJsonText('any value', {}, path, speaker)
  if (!isObject(raw)) throw refuseType(speaker, path, 'any')
  if (typeof raw[UNSAYABLE] === 'string') throw refuseType(speaker, path, raw[UNSAYABLE])
  // Also of alternatives or a reference: their bounds are those of the value, and a model may give a token.
  if (raw['secret'] === true) return saySecret(raw, speaker)
  if ('$dynamicRef' in raw) throw refuse(speaker, path, 'uses "$dynamicRef"', 'Refer to one schema, by "$ref".')
  if (isMixed(raw)) return speaker.say(mergeAll(raw, path, speaker), path)
  const branches = raw['anyOf'] ?? raw['oneOf']
  if (isList(branches)) return sayUnion(branches, inItsWords(raw), path, speaker)
  if ('const' in raw || isList(raw['enum'])) return sayChoice(inItsWords(raw), path, speaker)
  if (isList(raw['type'])) return sayTypes(raw['type'], raw, path, speaker)
  return sayType(raw, path, speaker)
}

function sayTypes(types: readonly unknown[], raw: Raw, path: string, speaker: Speaker): Said {
  const { title, description, ...bare } = raw
  const one = { ...(title !== undefined && { title }), ...(description !== undefined && { description }) }
  return sayUnion(
    types.map((type) => ({ ...bare, type })),
    one,
    path,
    speaker,
  )
}

function sayType(raw: Raw, path: string, speaker: Speaker): Said {
  const type: unknown = raw['type'] ?? impliedType(raw)
  switch (type) {
    case 'object':
      return sayObject(inItsWords(raw), path, speaker)
    case 'array':
      return sayArray(raw, path, speaker)
    case 'string':
      return sayText(raw, path, speaker)
    case 'number':
      return sayNumber('number', inItsWords(raw), path, speaker)
    case 'integer':
      return sayNumber('integer', inItsWords(raw), path, speaker)
    case 'boolean':
      return sayPlain(inItsWords(raw), 'boolean')
    case 'null':
      return sayPlain(raw, 'null')
    case undefined:
      return sayJsonText('any value', inWords(raw, wordsBeside(raw, undefined)), path, speaker)
    default:
      throw refuseType(speaker, path, JSON.stringify(type))
  }
}

function inItsWords(raw: Raw): Raw {
  return inWords(raw, wordsOf(raw))
}

const OF_OBJECTS = ['properties', 'additionalProperties', 'patternProperties']

function impliedType(raw: Raw): string | undefined {
  if (OF_OBJECTS.some((keyword) => raw[keyword] !== undefined)) return 'object'
  return raw['items'] === undefined && raw['prefixItems'] === undefined ? undefined : 'array'
}
