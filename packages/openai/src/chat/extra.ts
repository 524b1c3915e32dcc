// Fields that servers give beside what the API knows, and want back as they were: signatures of thoughts above all.
import type { Json, JsonObject } from '@reprise/core'
import type { WireMessage } from './said.ts'

/** The fields of a call, and of its function, that go back with it. */
const CALL_FIELDS = ['extra_content', 'provider_specific_fields'] as const

/** The fields of a message that go back with it. */
const MESSAGE_FIELDS = ['extra_content', 'provider_specific_fields', 'thinking_blocks', 'reasoning_details'] as const

/** What a call, or a piece of one, has beside the call; undefined where it has nothing. */
export function extraOfCall(call: object): JsonObject | undefined {
  return pick(call, CALL_FIELDS)
}

/** What a message, or a piece of one, has beside its words, thoughts and calls; undefined where it has nothing. */
export function extraOfMessage(message: WireMessage): JsonObject | undefined {
  return pick(message, MESSAGE_FIELDS)
}

/** What several pieces have, together. */
export function joinExtra(before: JsonObject | undefined, more: JsonObject | undefined): JsonObject | undefined {
  if (!before || !more) return more ?? before
  const joined: Record<string, Json | undefined> = { ...before }
  for (const [field, value] of Object.entries(more)) joined[field] = join(joined[field], value)
  return joined
}

function pick(from: object, fields: readonly string[]): JsonObject | undefined {
  // It was parsed from JSON.
  const given = from as { readonly [field: string]: Json | undefined }
  const found = fields.filter((field) => given[field] !== undefined && given[field] !== null)
  return found.length === 0 ? undefined : Object.fromEntries(found.map((field) => [field, given[field]]))
}

function join(before: Json | undefined, more: Json | undefined): Json | undefined {
  if (isList(before) && isList(more)) return more.reduce(addPart, before)
  return isObject(before) && isObject(more) ? { ...before, ...more } : (more ?? before)
}

/** A piece of a part has the index of the part that it goes on, and the same type. */
function addPart(parts: readonly Json[], piece: Json): readonly Json[] {
  const at = parts.findLastIndex((part) => isObject(part) && isObject(piece) && isSame(part, piece))
  const part = parts[at]
  if (!isObject(part) || !isObject(piece)) return [...parts, piece]
  const grown: Record<string, Json | undefined> = { ...part }
  for (const [field, value] of Object.entries(piece)) {
    const old = grown[field]
    const grows = GROWING.has(field) && typeof old === 'string' && typeof value === 'string'
    grown[field] = grows ? old + value : (value ?? old)
  }
  return parts.with(at, grown)
}

/** What comes in pieces; all else of a part is said once, or again. */
const GROWING = new Set(['text', 'summary', 'data', 'thinking'])

function isSame(part: JsonObject, piece: JsonObject): boolean {
  return typeof part['index'] === 'number' && part['index'] === piece['index'] && part['type'] === piece['type']
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
