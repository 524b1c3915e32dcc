import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { InferOutput, Schema } from '../contracts/schema.ts'
import { DefinitionError } from '../words/errors.ts'
import { expectedAt } from './expected.ts'
import type { Decoded, Issue } from './issue.ts'
import { pathText, preview, valueAt } from './place.ts'
import type { Repeat } from './said.ts'
import type { StrictForm } from './strict.ts'

/**
 * Holds a value against a schema as it stands, without any strict form.
 *
 * @param where what error messages call the schema: `Agent "support": context`.
 * @throws DefinitionError when the schema answers with a promise.
 */
export function validate<S extends Schema>(schema: S, value: unknown, where: string): Decoded<InferOutput<S>> {
  const result = ask(schema, value, where)
  if (!result.issues) return { ok: true, value: result.value }
  return { ok: false, issues: result.issues.map((issue) => toIssue(issue, value)) }
}

/** Makes the function that turns a value of the strict form into what the user's schema gives for it. */
export function decoderOf<S extends Schema>(
  schema: S,
  { json, restore, wrapped }: StrictForm,
  where: string,
): (value: unknown) => Decoded<InferOutput<S>> {
  const above = wrapped ? ['value'] : []
  return (given) => {
    const repeats: Repeat[] = []
    const value = restore ? restore(given, repeats) : given
    const result = ask(schema, value, where)
    if (!result.issues && repeats.length === 0) return { ok: true, value: result.value }
    const broken = (result.issues ?? []).map((issue) => {
      const expected = /expected/i.test(issue.message) ? undefined : expectedAt(json, [...above, ...keysOf(issue)])
      return { ...toIssue(issue, value, above), ...(expected !== undefined && { expected }) }
    })
    return { ok: false, issues: [...repeats.map((repeat) => toRepeated(repeat, above)), ...broken] }
  }
}

function ask<S extends Schema>(schema: S, value: unknown, where: string): StandardSchemaV1.Result<InferOutput<S>> {
  // What a schema gives for a value that it accepts is its output.
  const result = schema['~standard'].validate(value) as StandardSchemaV1.Result<InferOutput<S>> | Promise<unknown>
  if (!('then' in result)) return result
  // Nobody waits for it, and a rejection must not end the process.
  result.catch(() => {})
  throw new DefinitionError({
    code: 'schema_async',
    message:
      `${where} has a schema that answers later, and values are checked at once. ` +
      'Use refinements and transforms that are not async; look things up where the value is used.',
    details: { where },
  })
}

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
