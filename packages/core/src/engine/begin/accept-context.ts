// What becomes of a context: a caller gives it to the run that it begins, and that run's children are given what it
// made of it. Each schema sees a value once: what one schema gave is not held against the same schema again. Pure:
// begin.ts calls it before anything is written, and meet.ts puts together what several schemas made. It keeps invariant
// 7: what JSON cannot say is refused by its path.
import type { Schema } from '../../contracts/schema.ts'
import type { Plan } from '../../define/plan.ts'
import { validate } from '../../schema/decode.ts'
import { explain } from '../../schema/explain.ts'
import { closedNames, isSame, namesOf, shapeOf } from '../../schema/shape.ts'
import { DefinitionError } from '../../values/errors.ts'
import { copyJson, findUnjson, type Json } from '../../values/json.ts'
import { isJsonObject, meet } from './meet.ts'

/** A value that schemas accepted, and the secrets in it. */
export interface Accepted {
  readonly value: Json
  readonly secrets: readonly string[]
}

/** A context that comes from the run that begins a child. */
export interface ParentContext {
  /** The schemas that it came from: what they gave is recorded. */
  readonly schemas: readonly Schema[]
  readonly value: Json
}

/**
 * What the schemas of a plan give for the context that a caller gave: each is shown what it takes, and what they give is
 * put together.
 *
 * @throws DefinitionError with code `bad_context`.
 */
export function acceptContext(plan: Plan, given: unknown): Accepted {
  const where = `${plan.ref.kind} "${plan.ref.name}"`
  if (plan.contexts.length === 0 && given !== undefined)
    throw bad(`The context given to ${where} has no place: it has no context schema.`)
  const what = `The context given to ${where}`
  const parts = plan.contexts.map((schema) => acceptBy(schema, without(given, strangers(schema, plan.contexts)), what))
  return together(parts, what)
}

/**
 * What a child's schemas give for the context of the run that calls it. A schema that the parent has too is given what it
 * gave there, as it is; any other takes it as a caller's. A child without schemas gets none.
 *
 * @throws what `acceptContext` throws.
 */
export function acceptOfParent({ contexts, ref }: Plan, { schemas, value }: ParentContext): Accepted {
  const what = `The context that ${ref.kind} "${ref.name}" is called with`
  const parts = contexts.map((schema): Accepted => {
    if (isSame(schemas, schema)) return { value: only(value, closedNames(shapeOf(schema).gives)), secrets: [] }
    return acceptBy(schema, only(value, closedNames(shapeOf(schema).takes)) ?? undefined, what)
  })
  return together(parts, what)
}

function acceptBy(schema: Schema, value: unknown, what: string): Accepted {
  const decoded = validate(schema, value, what)
  if (!decoded.ok) throw bad(`${what} is wrong. ${explain(decoded.issues)}`)
  return { value: checkJson(decoded.value ?? null, 'bad_context', what), secrets: decoded.secrets }
}

function together(parts: readonly Accepted[], what: string): Accepted {
  const [first = null, ...more] = parts.map(({ value }) => value)
  return {
    value: more.reduce((whole, part) => meet(whole, part, what), first),
    secrets: parts.flatMap(({ secrets }) => secrets),
  }
}

/** What other schemas name and this one does not: it is not for this one, also where it would take it. */
function strangers(schema: Schema, all: readonly Schema[]): ReadonlySet<string> {
  const names = namesOf(shapeOf(schema).takes)
  if (!names) return NONE
  return new Set(all.flatMap((other) => namesOf(shapeOf(other).takes) ?? []).filter((name) => !names.includes(name)))
}

const NONE: ReadonlySet<string> = new Set()

function without(value: unknown, names: ReadonlySet<string>): unknown {
  if (names.size === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)))
}

function only(value: Json, names: readonly string[] | undefined): Json {
  if (!names || !isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
}

/**
 * What a reader of the journal would get of a value (invariant 7).
 *
 * @throws DefinitionError with this code where JSON cannot say it.
 */
export function checkJson(value: unknown, code: string, what: string): Json {
  const lost = findUnjson(value)
  if (lost)
    throw new DefinitionError({
      code,
      message: `${what} cannot be kept in a journal: ${lost.path || 'it'} is ${lost.found}. Use plain JSON.`,
    })
  return copyJson(value) as Json
}

function bad(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_context', message })
}
