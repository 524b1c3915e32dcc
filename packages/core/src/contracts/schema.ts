import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'

/**
 * A schema of any library: a Standard Schema that also offers its JSON Schema.
 * Types of Zod 3 offer none themselves; it is made for them.
 *
 * @see https://standardschema.dev/json-schema
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly '~standard': StandardSchemaV1.Props<Input, Output> & {
    readonly jsonSchema?: StandardJSONSchemaV1.Converter
  }
}

/** What a schema takes. */
export type InferInput<S extends Schema> = StandardSchemaV1.InferInput<S>

/** What a schema gives. */
export type InferOutput<S extends Schema> = StandardSchemaV1.InferOutput<S>

/** The types that JSON Schema names. */
export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'null' | 'object' | 'array'

/** A JSON Schema of the strict subset: what a model's service promises to keep to. It is plain JSON. */
export type JsonSchema = {
  readonly title?: string
  readonly description?: string
  readonly type?: JsonType | readonly JsonType[]
  readonly const?: string | number | boolean | null
  readonly enum?: readonly (string | number | boolean | null)[]
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly anyOf?: readonly JsonSchema[]
  readonly $ref?: string
  readonly $defs?: { readonly [name: string]: JsonSchema }
}
