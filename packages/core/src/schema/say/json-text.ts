import { refuseWritten } from '../../values/read-json.ts'
import { annotate, inWords } from './annotate.ts'
import { follow } from '../raw/follow.ts'
import { isObject, type Raw } from '../raw/raw.ts'
import { refuse } from './refuse.ts'
import type { Restore, Said, Speaker } from './said.ts'

/** Says what has no shape of its own as text that holds JSON: a model writes any value there, and the user's schema checks it. */
export function sayJsonText(what: string, raw: Raw, path: string, speaker: Speaker): Said {
  // A token within a text of JSON is not found, and would be taken for the secret.
  if (hasSecret(raw, speaker.root))
    throw refuse(speaker, path, 'has a secret and is written as JSON text', 'Name its type and properties.')
  speaker.differs()
  const json = annotate({ type: 'string' }, inWords(raw, [`${what}, as JSON text`]))
  return { json, restore: readText, isJsonText: true }
}

/** Reads what a text says. A model that is not held to the strict form may send the value itself. */
const readText: Restore = (value, { misfits }) => {
  if (typeof value !== 'string') return value
  const read = parse(value)
  const complaint = read === undefined ? 'It is no JSON text.' : refuseWritten(value, read)
  if (complaint !== undefined) misfits.push({ keys: [], message: complaint, found: value })
  return read ?? (read === null ? null : value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** Tells whether a secret stands anywhere in a part of a schema, references followed. */
export function hasSecret(place: unknown, root: Raw, seen = new Set<unknown>()): boolean {
  if (typeof place !== 'object' || place === null || seen.has(place)) return false
  seen.add(place)
  if (!isObject(place)) return Object.values(place).some((inner) => hasSecret(inner, root, seen))
  const target = typeof place['$ref'] === 'string' ? follow(root, place['$ref']) : undefined
  return place['secret'] === true || [target, ...Object.values(place)].some((inner) => hasSecret(inner, root, seen))
}
