import { DefinitionError } from '../words/errors.ts'

/** Types that a strict schema cannot say, by the names that schema libraries give them, and what to use instead. */
const INSTEAD: { readonly [type: string]: readonly [is: string, instead: string] } = {
  any: ['is anything at all', 'Describe its shape, or use z.string() for text that holds JSON.'],
  bigint: ['is a bigint', 'Use z.string() and convert it in your own code.'],
  custom: ['is a custom type', 'Describe the shape that it takes, and check the rest with .refine().'],
  date: ['is a date', 'Use z.iso.datetime() and convert it in your own code.'],
  file: ['is a file', 'Use z.string() for its name.'],
  literal: ['is a constant that JSON does not have', 'Use text, a number, a boolean or null.'],
  map: ['is a map', 'Use z.record() and convert it in your own code.'],
  nan: ['is NaN', 'Use z.number().nullable().'],
  never: ['is never anything', 'Leave it out.'],
  object: ['has a symbol as a key', 'Use text for keys.'],
  set: ['is a set', 'Use z.array() and convert it in your own code.'],
  transform: ['is a transform of anything', 'Say first what it takes: z.string().transform(...).'],
  undefined: ['is undefined', 'Make the property .optional().'],
  void: ['is undefined', 'Make the property .optional().'],
}

/** Makes the error for a place that strict mode has no words for, because of the type that stands there. */
export function refuseType(where: string, path: string, type: string): DefinitionError {
  const [what, instead] = INSTEAD[type] ?? [`is of type ${type}`, 'Use text, numbers, booleans, objects and arrays.']
  return refuse(where, path, what, instead)
}

/** Makes the error for a place that strict mode has no words for. */
export function refuse(where: string, path: string, what: string, instead: string): DefinitionError {
  return new DefinitionError({
    code: 'schema_unsupported',
    message: `${where}${path} ${what}, which a strict schema cannot say. ${instead}`,
    details: { where, path },
  })
}
