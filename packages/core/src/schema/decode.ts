import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { InferOutput, Schema } from '../contracts/schema.ts'
import { isOf, messageOf } from '../values/errors.ts'
import { findTooDeep } from '../values/json.ts'
import { formatWords } from './libraries/checks.ts'
import { isKnown } from './libraries/source.ts'
import { expectedAt } from './expected.ts'
import { Fitting } from './raw/fits.ts'
import { heldBy } from './held/held.ts'
import type { Decoded, Issue } from './issue.ts'
import { pathText, preview, valueAt } from './raw/place.ts'
import type { Raw } from './raw/raw.ts'
import type { Misfit } from './say/said.ts'
import { COVER, secretPlaces, secretsIn } from './secret.ts'
import type { StrictForm } from './say/strict.ts'
import { wordsAt } from './raw/words.ts'

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
  // The longest first: one secret may be a part of another.
  const found = secrets.filter((secret) => secret !== '').toSorted((one, other) => other.length - one.length)
  return found.reduce((text, secret) => text.replaceAll(secret, COVER), message)
}

/** Makes the function that turns a value of the strict form into what the user's schema gives for it. */
export function decoderOf<S extends Schema>(
  schema: S,
  { json, restore, wrapped }: StrictForm,
  raw: Raw,
): (value: unknown) => Decoded<InferOutput<S>> {
  const above = wrapped ? ['value'] : []
  const held = heldBy(raw, isKnown(schema['~standard']?.vendor ?? 'zod'))
  return (given) => {
    const misfits: Misfit[] = []
    const value = restore ? restore(given, { misfits, fitting: new Fitting() }) : given
    const result = ask(schema, value)
    const faults = misfits.length === 0 && held ? held(value) : []
    if (!result.issues && misfits.length === 0 && faults.length === 0) return { ok: true, value: result.value }
    const told = (result.issues ?? []).map((issue) => {
      const keys = keysOf(issue)
      const expected = /expected/i.test(issue.message)
        ? undefined
        : (expectedAt(json, [...above, ...keys]) ?? wordsFor(issue, raw, keys) ?? formatWords(issue))
      return { ...toIssue(issue, value, above), ...(expected !== undefined && { expected }) }
    })
    const broken = [...misfits.map((misfit) => toMisfitting(misfit, above)), ...told]
    const known = new Set(broken.map(({ path }) => path))
    const unsaid = faults.map(({ keys, message }) => toIssue({ path: keys, message: `it ${message}` }, value, above))
    return { ok: false, issues: [...broken, ...unsaid.filter(({ path }) => !known.has(path))] }
  }
}

/** How a value is to be written, where the message may not say it. */
function wordsFor({ message }: StandardSchemaV1.Issue, raw: Raw, keys: readonly PropertyKey[]): string | undefined {
  const words = wordsAt(raw, keys)
  return words.length === 0 || words.includes(message) ? undefined : words.join(', ')
}

/** An issue as a schema gives it, or as it is made here of a check that gives none. */
type Found = StandardSchemaV1.Issue & { readonly fault?: string }
type Answer<Output> = StandardSchemaV1.SuccessResult<Output> | { readonly issues: readonly Found[] }

/** Every value that a model may send has an answer: one that a schema chokes on is wrong, and no failure of ours. */
function ask<S extends Schema>(schema: S, value: unknown): Answer<InferOutput<S>> {
  try {
    // What a schema gives for a value that it accepts is its output.
    const result = schema['~standard'].validate(value) as StandardSchemaV1.Result<InferOutput<S>> | Promise<unknown>
    if (!('then' in result)) return result
    // Nobody waits for it, and a rejection must not end the process.
    result.catch(() => undefined)
    return { issues: [whyLate(schema, value)] }
  } catch (error) {
    return { issues: [thrown(error)] }
  }
}

/** What Zod's schemas have beside the standard: a parse that says at once what is wrong with a check. */
interface Parsing {
  readonly safeParse?: (value: unknown, options: { readonly jitless: true }) => unknown
}

/** A schema answers later that has an asynchronous check; Zod's also where a check throws. */
function whyLate(schema: Schema & Parsing, value: unknown): Found {
  try {
    // What it compiles for itself stumbles over a promise with an error of its own.
    schema.safeParse?.(value, { jitless: true })
    return LATE
  } catch (error) {
    return isOf(error, Error) && error.constructor.name === '$ZodAsyncError' ? LATE : thrown(error)
  }
}

const LATE: Found = {
  message: 'the check of this value is asynchronous, and is not made here: another value does not help',
  fault:
    'has an asynchronous check or transform, which nobody awaits, so that no value is taken. Make it synchronous, or look things up in execute and throw a ToolError.',
}

function thrown(error: unknown): Found {
  const reason = messageOf(error)
  return {
    message: `the check of this value failed: ${reason}`,
    fault: `has a check or transform that throws: ${reason}. Let it add an issue instead: then its place is told too.`,
  }
}

function toIssue(issue: Found, value: unknown, above: readonly PropertyKey[] = []): Issue {
  const { message, fault } = issue
  const keys = keysOf(issue)
  const got = preview(valueAt(value, keys))
  return { path: pathText([...above, ...keys]), message, got, ...(fault !== undefined && { fault }) }
}

function toMisfitting({ keys, message, found }: Misfit, above: readonly string[]): Issue {
  return { path: pathText([...above, ...keys]), message, got: preview(found) }
}

function keysOf({ path = [] }: StandardSchemaV1.Issue): readonly PropertyKey[] {
  return path.map((segment) => (typeof segment === 'object' ? segment.key : segment))
}
