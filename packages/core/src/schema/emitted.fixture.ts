import type { Schema } from '../contracts/schema.ts'

/** A schema of a library that emits this JSON Schema, and takes every value as it is. */
export function emitting(json: object): Schema {
  const input = (): Record<string, unknown> => ({ ...json })
  const validate = (value: unknown): { value: unknown } => ({ value })
  return { '~standard': { version: 1, vendor: 'homemade', validate, jsonSchema: { input, output: input } } }
}
