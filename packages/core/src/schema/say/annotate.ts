import type { JsonSchema } from '../../contracts/schema.ts'
import type { Raw } from '../raw/raw.ts'

/** Gives a strict schema the title and description of the part that it says. A reference takes none beside itself. */
export function annotate(json: JsonSchema, raw: Raw): JsonSchema {
  const { title, description } = raw
  const notes = {
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
  }
  if (Object.keys(notes).length === 0) return json
  return json.$ref === undefined ? { ...json, ...notes } : { ...notes, anyOf: [json] }
}

/** Adds to a schema's description what its keywords may not say. */
export function inWords(raw: Raw, words: readonly string[]): Raw {
  if (words.length === 0) return raw
  const { description } = raw
  const said = words.join(', ')
  return { ...raw, description: typeof description === 'string' ? `${description} (${said})` : said }
}
