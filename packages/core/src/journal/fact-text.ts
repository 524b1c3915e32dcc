// A fact as it is kept: whose it is, and its text, held to the bounds of facts. Whoever keeps one, a tool or a person, comes here.
import type { FactScope } from '../contracts/fact.ts'
import type { MemoryCard } from '../contracts/model.ts'
import type { RunRow } from '../contracts/run.ts'
import { MAX_FACT_BYTES, MAX_FACT_KEY } from '../define/memory.ts'
import { isText } from '../values/ids.ts'
import { toJson } from '../values/to-json.ts'
import { type Secrets, tokensIn } from './secrets.ts'

/** Whose facts a memory keeps in a run; undefined where the run is of no such person or tenant. */
export function factScopeOf(
  scope: MemoryCard['scope'],
  { tenant, user }: Pick<RunRow, 'tenant' | 'user'>,
): FactScope | undefined {
  if (scope === 'user') return user === null ? undefined : { tenant, user }
  return tenant === null ? undefined : { tenant, user: null }
}

/**
 * The key and the text of a fact.
 *
 * @param secrets of the run that it comes from, where it comes from one: no fact holds any.
 * @param refused makes the error about a fact that cannot be kept.
 */
export function textOfFact(
  { key: field }: Pick<MemoryCard, 'key'>,
  value: unknown,
  secrets: Pick<Secrets, 'redact'> | undefined,
  refused: (code: string, why: string) => Error,
): { readonly key: string; readonly text: string } {
  const { json, lost } = toJson(value)
  if (lost.length > 0) throw refused('bad_fact', `JSON cannot say all of it (${lost[0]?.path ?? ''})`)
  const key: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, field) : undefined
  if (!isText(key) || key === '' || key.length > MAX_FACT_KEY)
    throw refused('bad_fact', `its "${field}" must be a text of 1 to ${MAX_FACT_KEY} characters`)
  const text = JSON.stringify(json)
  const bytes = new TextEncoder().encode(text).length
  if (bytes > MAX_FACT_BYTES)
    throw refused(
      'fact_too_long',
      `it has ${bytes} bytes as JSON, and a fact has at most ${MAX_FACT_BYTES}. Say it shorter`,
    )
  if ((secrets && secrets.redact(json) !== json) || tokensIn(text).length > 0)
    throw refused('secret_in_fact', 'a fact cannot hold a secret')
  return { key, text }
}
