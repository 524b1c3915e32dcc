import type { StandardJSONSchemaV1 } from '@standard-schema/spec'
import type { Schema } from '../../contracts/schema.ts'
import { DefinitionError, messageOf } from '../../values/errors.ts'
import { findTooDeep } from '../../values/json.ts'
import { ARKTYPE_OPTIONS } from './arktype.ts'
import { normalOf } from '../raw/normal.ts'
import { isObject, type Raw, UNSAYABLE } from '../raw/raw.ts'
import { VALIBOT_OPTIONS } from './valibot.ts'
import { fromZod3, isZod3 } from './zod3.ts'
import { sayChecks } from './zod4.ts'

/**
 * Gets the JSON Schema of what a schema takes: from the schema itself, or made for it where it is a type of Zod 3.
 *
 * @throws DefinitionError where it is no schema, offers no JSON Schema, or one that nests too deep.
 */
export function rawSchemaOf(schema: Schema, where: string): Raw {
  const emitted = emittedBy(schema, where)
  const deep = findTooDeep(emitted)
  if (deep)
    throw noSchema(
      where,
      `has a JSON Schema that is ${deep.found}, at ${deep.path}`,
      'Make it flatter, or let its parts refer to one another by "$ref".',
    )
  return normalOf(emitted)
}

function emittedBy(schema: Schema, where: string): Raw {
  if (isZod3(schema)) return fromZod3(schema)
  // Whoever writes JavaScript may have given anything.
  const standard = (schema as Partial<Schema> | undefined)?.['~standard']
  if (!standard) throw noSchema(where, 'is no Standard Schema', 'Use a schema of Zod 4, Valibot, ArkType or the like.')
  if (!standard.jsonSchema)
    throw noSchema(where, `offers no JSON Schema (its library is "${standard.vendor}")`, remedyFor(standard.vendor))
  try {
    return standard.jsonSchema.input(optionsFor(standard.vendor))
  } catch (error) {
    throw noSchema(where, `has no JSON Schema (its library is "${standard.vendor}")`, messageOf(error), error)
  }
}

/** How a library is asked for a JSON Schema: of the newest draft, with a mark wherever it cannot say what stands there. */
export function optionsFor(vendor: string): StandardJSONSchemaV1.Options {
  const libraryOptions = OPTIONS.get(vendor)
  return { target: 'draft-2020-12', ...(libraryOptions && { libraryOptions }) }
}

/** Zod throws without a path at what it cannot say; a mark in place lets the translation name the place. */
const ZOD_OPTIONS = {
  override: sayChecks,
  unrepresentable: ({ zodSchema }: { readonly zodSchema: unknown }) => mark(typeOf(zodSchema)),
}

/** What each library is asked beyond the standard, so that it leaves a mark where it has no words. */
const OPTIONS = new Map<string, Record<string, unknown>>([
  ['zod', ZOD_OPTIONS],
  ['valibot', VALIBOT_OPTIONS],
  ['arktype', ARKTYPE_OPTIONS],
])

/** Whether a library is one that is asked in its own way: these check all that they emit. */
export function isKnown(vendor: string): boolean {
  return OPTIONS.has(vendor)
}

/** A default that JSON cannot say does no harm, as defaults are left out. */
const HARMLESS: ReadonlySet<string> = new Set(['default', 'prefault', 'catch'])

function mark(type: string): Raw | 'any' {
  return HARMLESS.has(type) ? 'any' : { [UNSAYABLE]: type }
}

function typeOf(zodSchema: unknown): string {
  const def = isObject(zodSchema) ? zodSchema['def'] : undefined
  return isObject(def) && typeof def['type'] === 'string' ? def['type'] : 'custom'
}

function remedyFor(vendor: string): string {
  if (vendor === 'zod') return 'Use Zod 4.2 or newer, imported from "zod" rather than "zod/mini".'
  if (vendor === 'valibot') return 'Wrap it in toStandardJsonSchema() of "@valibot/to-json-schema".'
  if (vendor === 'effect')
    return 'Wrap it: Schema.toStandardSchemaV1(Schema.toStandardJSONSchemaV1(Schema.toCodecJson(schema))).'
  return 'Use a library whose schemas offer it, as Zod 4 and ArkType do.'
}

function noSchema(where: string, what: string, instead: string, cause?: unknown): DefinitionError {
  return new DefinitionError({
    code: 'schema_unsupported',
    message: `${where} ${what}. ${instead}`,
    details: { where, path: '' },
    cause,
  })
}
