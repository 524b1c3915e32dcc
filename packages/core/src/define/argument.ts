// What programs without types give: each public function says in words what it cannot work with.
import { DefinitionError } from '../values/errors.ts'

/**
 * Checks that something is an object, as options are.
 *
 * @param expected what it is to be, and what to do: whole sentences.
 * @throws DefinitionError with code `bad_argument`.
 */
export function checkOptions(what: string, given: unknown, expected: string): void {
  if (!isObject(given)) throw badArgument(what, given, expected)
}

/**
 * Checks that something is what one of this package's functions has made, by its kind.
 *
 * @throws DefinitionError with code `bad_argument`.
 */
export function checkKind(what: string, given: unknown, kinds: readonly string[], expected: string): void {
  if (!isObject(given) || !kinds.includes(String(given['kind']))) throw badArgument(what, given, expected)
}

/**
 * Checks that something is a list of what one of this package's functions has made, by its kind.
 *
 * @throws DefinitionError with code `bad_argument`, naming the place in the list.
 */
export function checkEach(what: string, given: unknown, kinds: readonly string[], expected: string): void {
  if (!Array.isArray(given)) throw badArgument(what, given, `It is to be a list. ${expected}`)
  for (const [at, each] of (given as readonly unknown[]).entries()) checkKind(`${what}[${at}]`, each, kinds, expected)
}

/**
 * Checks that something has a function.
 *
 * @throws DefinitionError with code `bad_argument`.
 */
export function checkHas(what: string, given: unknown, member: string, expected: string): void {
  if (!isObject(given) || typeof given[member] !== 'function') throw badArgument(what, given, expected)
}

/**
 * Makes the error about what was given.
 *
 * @param what who was given it, and as what: `runtime.gc was given options`.
 */
export function badArgument(what: string, given: unknown, expected: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_argument',
    message: `${what}: ${sayGiven(given)}. ${expected}`,
    details: { found: sayGiven(given) },
  })
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

/** The longest text that is shown. */
const LONGEST = 60

/** Names a value in a few words. */
export function sayGiven(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return sayObject(value)
  if (typeof value === 'string')
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}\u2026` : value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return `the ${typeof value} ${value}`
  return `a ${typeof value}`
}

/** What this package has made says what it is. */
function sayObject({ kind }: { readonly kind?: unknown }): string {
  return typeof kind === 'string' ? `an object of the kind "${kind}"` : 'an object'
}
