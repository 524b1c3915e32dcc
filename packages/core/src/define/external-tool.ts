// A tool that somebody else answers: a person, or another system. What it asks for stands in the journal, and so does what
// comes back; nothing of ours runs in between.
import type { Schema } from '../contracts/schema.ts'
import { secretPlaces } from '../schema/secret.ts'
import { DefinitionError } from '../values/errors.ts'
import { badArgument } from './argument.ts'
import { TOOL_RETRY } from './retry.ts'

/** A tool that somebody else answers. It has no effect of its own, and nothing to execute. */
export interface ExternalToolOptions<Name extends string, Input extends Schema, Output, Result = Output> {
  readonly external: true
  readonly effect?: never
  readonly execute?: never
  /** 1 to 64 letters, digits, `_` or `-`. */
  readonly name: Name
  /** What the model reads: what is asked, of whom, and when to ask. */
  readonly description: string
  /** What is asked: a Standard Schema of an object that offers JSON Schema. */
  readonly input: Input
  /** What an answer is: a Standard Schema. An answer that breaks it is refused, and the run goes on waiting. */
  readonly output: Schema<Output, Result>
  /**
   * How long somebody may answer, in milliseconds. After that the model is told that nobody has: by the next worker that
   * looks, or when the run is taken up. @default no limit
   */
  readonly timeoutMs?: number
  /** The most tokens of an answer that the model is told: 100 or more, by an estimate. @default as of any other tool */
  readonly maxResultTokens?: number
}

/** What such a tool is, beside what every tool is. */
export const EXTERNAL = {
  effect: 'external',
  retry: { ...TOOL_RETRY, attempts: 1 },
  execute: () => undefined,
  reconcile: undefined,
  prepare: undefined,
  approval: false,
  approvalTimeoutMs: undefined,
  approvers: 1,
  confirms: undefined,
  onError: undefined,
  maxResultTokens: undefined,
  child: undefined,
  memory: undefined,
} as const

/**
 * Refuses what is done here of a tool that somebody else answers.
 *
 * @throws DefinitionError with code `bad_external`.
 */
export function checkExternal(where: string, given: { readonly effect?: unknown; readonly execute?: unknown }): void {
  const more = (['effect', 'execute'] as const).find((name) => given[name] !== undefined)
  if (more === undefined) return
  throw new DefinitionError({
    code: 'bad_external',
    message: `${where} is external, and has ${more}. Somebody else answers it, by runtime.answer: leave ${more} away, or leave external away.`,
  })
}

/**
 * Checks that an output is a schema, and that what is secret in it is text.
 *
 * @throws DefinitionError
 */
export function checkedOutput<S extends Schema>(where: string, output: S): S {
  const given: unknown = output
  if (typeof (given as Partial<Schema> | null | undefined)?.['~standard']?.validate !== 'function')
    throw badArgument(`${where} was given output`, given, 'Give it a Standard Schema, as of Zod: z.object({ ... }).')
  secretPlaces(output, `${where}: output: `)
  return output
}
