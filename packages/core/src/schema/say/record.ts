import type { JsonSchema } from '../../contracts/schema.ts'
import { annotate, inWords } from './annotate.ts'
import { follow } from '../raw/follow.ts'
import { isList, isObject, type Raw } from '../raw/raw.ts'
import { restoreRecord } from './restore.ts'
import type { Said, Speaker } from './said.ts'
import { sayPairs, type Way } from './ways.ts'

const NONE: ReadonlySet<unknown> = new Set()

/** Gives the keys that a record may have where its schema lists them. */
export function keyNames(names: unknown, root: Raw, above: ReadonlySet<unknown> = NONE): readonly string[] | undefined {
  if (!isObject(names) || above.has(names)) return undefined
  const within = new Set([...above, names])
  if (typeof names['$ref'] === 'string') return keyNames(follow(root, names['$ref']), root, within)
  if (isList(names['anyOf'])) {
    const lists = names['anyOf'].map((branch) => keyNames(branch, root, within))
    return lists.every((list) => list !== undefined) ? lists.flat() : undefined
  }
  if ('const' in names) return [String(names['const'])]
  return isList(names['enum']) ? names['enum'].map(String) : undefined
}

/** Says a record: a list of pairs of a key and its value, which comes back as an object. */
export function sayRecord(raw: Raw, ways: readonly Way[], path: string, speaker: Speaker): Said {
  speaker.differs()
  const { minProperties, maxProperties } = raw
  const { json: items, restoreOf } = sayPairs(ways, raw, path, speaker)
  const json: JsonSchema = {
    type: 'array',
    items,
    ...(typeof minProperties === 'number' && { minItems: minProperties }),
    ...(typeof maxProperties === 'number' && { maxItems: maxProperties }),
  }
  return { json: annotate(json, inWords(raw, [EACH_ONCE])), restore: restoreRecord(restoreOf) }
}

/** What is said of keys in pairs. */
export const EACH_ONCE = 'each key once'
