// Puts together what several schemas made of one context. accept-context.ts calls this. Pure.
import { DefinitionError } from '../../values/errors.ts'
import type { Json, JsonObject } from '../../values/json.ts'

/**
 * Puts together what two schemas made of one context: objects have the members of both, lists those of both at each place.
 *
 * @throws DefinitionError with code `bad_context` where they made different things of one place.
 */
export function meet(one: Json, other: Json, what: string): Json {
  if (!isJsonObject(one) || !isJsonObject(other))
    throw bad(`${what} must be an object, since there are several schemas for it.`)
  return meetAt(one, other, '', what)
}

function meetAt(one: Json, other: Json, path: string, what: string): Json {
  if (isJsonObject(one) && isJsonObject(other)) {
    const members = new Map<string, Json | undefined>(Object.entries(one))
    for (const [name, member] of Object.entries(other)) {
      const before = members.get(name)
      members.set(
        name,
        before === undefined || member === undefined ? member : meetAt(before, member, `${path}.${name}`, what),
      )
    }
    return Object.fromEntries(members)
  }
  if (isList(one) && isList(other) && one.length === other.length)
    return one.map((item, at) => meetAt(item, other[at] ?? null, `${path}[${at}]`, what))
  if (JSON.stringify(one) === JSON.stringify(other)) return one
  throw bad(
    `${what} has several schemas, which make different things of ${path.slice(1)}: ${JSON.stringify(one)} and ${JSON.stringify(other)}. Give the agents that share it one schema for that.`,
  )
}

/** Tells whether a value is an object that is no list. */
export function isJsonObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value)
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function bad(message: string): DefinitionError {
  return new DefinitionError({ code: 'bad_context', message })
}
