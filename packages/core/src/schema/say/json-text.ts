import { refuseWritten } from '../../words/read-json.ts'
import { annotate, inWords } from './annotate.ts'
import type { Raw } from '../raw/raw.ts'
import type { Restore, Said, Speaker } from './said.ts'

/** Says what has no shape of its own as text that holds JSON: a model writes any value there, and the user's schema checks it. */
export function sayJsonText(what: string, raw: Raw, speaker: Speaker): Said {
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
