import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { InferOutput, Schema } from '../contracts/schema.ts'
import { messageOf } from '../words/errors.ts'
import { findTooDeep } from '../words/json.ts'
import { expectedAt } from './expected.ts'
import type { Decoded, Issue } from './issue.ts'
import { pathText, preview, valueAt } from './place.ts'
import type { Raw } from './raw.ts'
import type { Repeat } from './said.ts'
import { COVER, secretPlaces, secretsIn } from './secret.ts'
import type { StrictForm } from './strict.ts'
import { wordsAt } from './words.ts'

/** What came of holding a value that may have secrets against a schema. */
export type DecodedSecret<Output> =
  | { readonly ok: true; readonly value: Output; readonly secrets: readonly string[] }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/**
 * Holds a value against a schema as it stands, without any strict form, and finds the secrets in it: as they were given,
 * and as the schema makes them. What an issue shows of the value has none.
 *
 * @param what errors call the value: `The context given to agent "support"`.
 * @throws DefinitionError when the schema says of anything but text that it is secret.
 */
export function validate<S extends Schema>(
  schema: S,
  value: unknown,
  what = 'The value',
): DecodedSecret<InferOutput<S>> {
  const deep = findTooDeep(value)
  if (deep)
    return {
      ok: false,
      issues: [{ path: deep.path.replace(/^\./, ''), message: `It is ${deep.found}.`, got: 'one that is deeper' }],
    }
  const places = secretPlaces(schema, `${what}: `)
  const secrets = places ? secretsIn(places, value) : []
  const result = ask(schema, value)
  if (!result.issues)
    return {
      ok: true,
      value: result.value,
      secrets: places ? [...secrets, ...secretsIn(places, result.value)] : secrets,
    }
  const shown = places ? places.cover(value) : value
  const issues = result.issues.map((issue) => toIssue(issue, shown))
  return { ok: false, issues: issues.map((issue) => ({ ...issue, message: without(issue.message, secrets) })) }
}

/** A check of the user's own may say the value in its message. */
function without(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, COVER), message)
}

/** Makes the function that turns a value of the strict form into what the user's schema gives for it. */
export function decoderOf<S extends Schema>(
  schema: S,
  { json, restore, wrapped }: StrictForm,
  raw: Raw,
): (value: unknown) => Decoded<InferOutput<S>> {
  const above = wrapped ? ['value'] : []
  return (given) => {
    const repeats: Repeat[] = []
    const value = restore ? restore(given, repeats) : given
    const result = ask(schema, value)
    if (!result.issues && repeats.length === 0) return { ok: true, value: result.value }
    const broken = (result.issues ?? []).map((issue) => {
      const keys = keysOf(issue)
      const expected = /expected/i.test(issue.message)
        ? undefined
        : (expectedAt(json, [...above, ...keys]) ?? wordsFor(issue, raw, keys))
      return { ...toIssue(issue, value, above), ...(expected !== undefined && { expected }) }
    })
    return { ok: false, issues: [...repeats.map((repeat) => toRepeated(repeat, above)), ...broken] }
  }
}

/** How a value is to be written, where the message may not say it. */
function wordsFor({ message }: StandardSchemaV1.Issue, raw: Raw, keys: readonly PropertyKey[]): string | undefined {
  const words = wordsAt(raw, keys)
  return words.length === 0 || words.includes(message) ? undefined : words.join(', ')
}

/** Every value that a model may send has an answer: one that a schema chokes on is wrong, and no failure of ours. */
function ask<S extends Schema>(schema: S, value: unknown): StandardSchemaV1.Result<InferOutput<S>> {
  try {
    // What a schema gives for a value that it accepts is its output.
    const result = schema['~standard'].validate(value) as StandardSchemaV1.Result<InferOutput<S>> | Promise<unknown>
    if (!('then' in result)) return result
    // Nobody waits for it, and a rejection must not end the process.
    result.catch(() => undefined)
    return { issues: [{ message: LATE }] }
  } catch (error) {
    return { issues: [{ message: `the check of this value failed: ${messageOf(error)}` }] }
  }
}

/** Zod answers later also when a transform throws: the two cannot be told apart at once. */
const LATE =
  'the check of this value failed or is asynchronous; checks and transforms must be synchronous and must not throw'

function toIssue(issue: StandardSchemaV1.Issue, value: unknown, above: readonly PropertyKey[] = []): Issue {
  const keys = keysOf(issue)
  return { path: pathText([...above, ...keys]), message: issue.message, got: preview(valueAt(value, keys)) }
}

function toRepeated({ path, key }: Repeat, above: readonly string[]): Issue {
  const place = `${above.join('')}${path}`.replace(/^\./, '')
  return { path: place, message: 'A key stands twice.', got: preview(key) }
}

function keysOf({ path = [] }: StandardSchemaV1.Issue): readonly PropertyKey[] {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment))
}
