import { DefinitionError } from '../../values/errors.ts'
import type { Speaker } from './said.ts'

/** What a type is, what to use instead, and how that is written in Zod. */
type Advice = readonly [is: string, instead: string, inZod?: string]

const CONVERT = 'and convert it in your own code.'

/** Types that a strict schema cannot say, by the names that schema libraries give them. */
const INSTEAD: { readonly [type: string]: Advice } = {
  any: ['is anything at all', 'Describe its shape, or use text that holds JSON.'],
  bigint: ['is a bigint', `Use text ${CONVERT}`, `Use z.string() ${CONVERT}`],
  custom: [
    'is a custom type',
    'Describe the shape that it takes, and check the rest in your own code.',
    'Describe the shape that it takes, and check the rest with .refine().',
  ],
  date: ['is a date', `Use text with a date and time ${CONVERT}`, `Use z.iso.datetime() ${CONVERT}`],
  file: ['is a file', 'Use text for its name.', 'Use z.string() for its name.'],
  literal: ['is a constant that JSON does not have', 'Use text, a number, a boolean or null.'],
  map: ['is a map', `Use a record ${CONVERT}`, `Use z.record() ${CONVERT}`],
  nan: ['is NaN', 'Use a number that may be null.', 'Use z.number().nullable().'],
  never: ['is never anything', 'Leave it out.'],
  object: ['has a symbol as a key', 'Use text for keys.'],
  set: ['is a set', `Use a list ${CONVERT}`, `Use z.array() ${CONVERT}`],
  transform: [
    'is a transform of anything',
    'Say first what it takes.',
    'Say first what it takes: z.string().transform(...).',
  ],
  undefined: ['is undefined', 'Make the property optional.', 'Make the property .optional().'],
  void: ['is undefined', 'Make the property optional.', 'Make the property .optional().'],
}

/** Whose schema it is: what errors call it, and the library that it is of. */
type Named = Pick<Speaker, 'where' | 'vendor'>

/** Makes the error for a place that strict mode has no words for, because of the type that stands there. */
export function refuseType(named: Named, path: string, type: string): DefinitionError {
  const unknown: Advice = [`is of type ${type}`, 'Use text, numbers, booleans, objects and arrays.']
  const [what, instead, inZod = instead] = Object.hasOwn(INSTEAD, type) ? (INSTEAD[type] ?? unknown) : unknown
  return refuse(named, path, what, named.vendor === 'zod' ? inZod : instead)
}

/** Makes the error for a place that strict mode has no words for. */
export function refuse({ where, vendor }: Named, path: string, what: string, instead: string): DefinitionError {
  const library = vendor === 'zod' ? '' : ` (The schema is one of ${vendor}.)`
  return new DefinitionError({
    code: 'schema_unsupported',
    message: `${where}${path} ${what}, which a strict schema cannot say. ${instead}${library}`,
    details: { where, path },
  })
}
