// A request as a recording keeps it: what it asks, and nothing of who asked and when.
import { digest, type Digest, type Item, type Json, type ModelRequest } from '@reprise/core'

/** What is recorded of a request. The id of the run, a response that is pending, and the day are another each time. */
export interface Asked extends Pick<ModelRequest, 'card' | 'instructions'> {
  readonly items: readonly Item[]
  /** Null where all tools may be called. */
  readonly allowedTools: readonly string[] | null
}

/** A request without secrets, and what stands for those in it. */
export interface Hidden {
  readonly asked: Asked
  readonly digest: Digest
  /** What stood there, by what stands there now. */
  readonly values: ReadonlyMap<string, string>
}

/** What stands for a secret of a lineage: another text in each lineage, and so in each run of a test. */
const TOKEN = /secret_[\w-]{22}/g

/**
 * Hides secrets in a request: tokens of its lineage, numbered as they come, and the values that a test has named.
 *
 * @param secrets values that are not to be seen.
 */
export function hide(request: ModelRequest, secrets: readonly string[]): Hidden {
  const { card, instructions, items, allowedTools } = request
  const whole: Asked = { card, instructions, items, allowedTools: allowedTools ?? null }
  const values = new Map(secrets.flatMap(namesOf))
  const tokens = new Set(Array.from(JSON.stringify(whole).matchAll(TOKEN), ([token]) => token))
  for (const [at, token] of [...tokens].entries()) values.set(`secret_${at + 1}`, token)
  const asked = conceal(whole, values)
  return { asked, digest: digest(inOrder(asked)), values }
}

/** A value may stand in a text as it is, and in one that is JSON, as a call's arguments are, as JSON has it. */
function namesOf(value: string, at: number): readonly (readonly [name: string, value: string])[] {
  const inJson = JSON.stringify(value).slice(1, -1)
  if (value.trim() === '') return []
  const name = `secret_given${at + 1}`
  return inJson === value
    ? [[name, value]]
    : [
        [name, value],
        [`${name}_in_json`, inJson],
      ]
}

/** A copy of a value of JSON with what stands for secrets in their place. */
export function conceal<T>(value: T, values: Hidden['values']): T {
  return replaced(
    value,
    [...values].map(([name, secret]) => [secret, name]),
  )
}

/** The opposite. */
export function reveal<T>(value: T, values: Hidden['values']): T {
  return replaced(value, [...values])
}

/** The longest first: one may be the beginning of another. */
function replaced<T>(value: T, pairs: readonly (readonly [from: string, to: string])[]): T {
  const byLength = pairs.toSorted(([one], [other]) => other.length - one.length)
  const change = (text: string): string => byLength.reduce((done, [from, to]) => done.replaceAll(from, () => to), text)
  // It has the same members, and other texts.
  return JSON.parse(JSON.stringify(value), (_, member: Json) =>
    typeof member === 'string' ? change(member) : member,
  ) as T
}

/** JSON with the keys of each object in order, whoever wrote them. */
export function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, member: Json) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  )
}
