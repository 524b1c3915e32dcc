import { DefinitionError } from '@reprise/core'

const NAMES = [
  'meta',
  'runs',
  'owners',
  'entries',
  'blobs',
  'blob_refs',
  'dead_blobs',
  'inbox',
  'early',
  'lines',
  'line_changes',
  'secrets',
  'secret_counts',
  'schedules',
  'facts',
  'audit',
  'erasing',
  'vault',
  'masters',
  'keys',
  'erased',
  'marks',
] as const

/** Names as they stand in a statement: `"reprise".runs`. There is no `search_path`: a pooler would not keep it. */
export type Tables = Readonly<Record<(typeof NAMES)[number], string>>

/** The names of a schema's tables. */
export function tablesOf(schema: string): Tables {
  const quoted = quote(schema)
  return Object.fromEntries(NAMES.map((name) => [name, `${quoted}.${name}`])) as Tables // of all names
}

/** A name as it stands in a statement. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The longest name that Postgres does not cut. */
const MAX_NAME_BYTES = 63

/** @throws DefinitionError where Postgres would not keep the name as it is. */
export function checkSchema(schema: unknown): asserts schema is string {
  const fits = typeof schema === 'string' && /^[a-z_][a-z0-9_]*$/.test(schema) && schema.length <= MAX_NAME_BYTES
  if (fits && !schema.startsWith('pg_')) return
  throw new DefinitionError({
    code: 'bad_argument',
    message: `postgres was given schema ${JSON.stringify(schema)}. Give a name of small letters, digits and underscores, at most ${MAX_NAME_BYTES}, that does not begin with "pg_".`,
  })
}
