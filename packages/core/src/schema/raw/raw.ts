/** A JSON Schema as a library emitted it: nothing about it is known yet. */
export type Raw = { readonly [keyword: string]: unknown }

/** Where a source marks a place that JSON Schema cannot say, with the name of the type that stands there. */
export const UNSAYABLE = 'x-reprise-unsayable'

/** Tells whether a value is an object that is no array. */
export function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Tells whether a value is an array. Of what is not known, where `Array.isArray` would let it be anything. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** Tells whether a schema says anything about its values. */
export function isSaying(raw: unknown): raw is Raw {
  return isObject(raw) && Object.keys(raw).length > 0
}

/** Tells whether a schema accepts nothing at all. */
export function isNever(raw: unknown): boolean {
  return raw === false || (isObject(raw) && isObject(raw['not']) && Object.keys(raw['not']).length === 0)
}
