import { DefinitionError } from '../values/errors.ts'
import { isName, isText } from '../values/ids.ts'

/**
 * Checks a definition's name, which the model's service must take.
 *
 * @throws DefinitionError with code `bad_name`.
 */
export function checkName(what: string, name: unknown): void {
  if (typeof name === 'string' && isName(name)) return
  throw new DefinitionError({
    code: 'bad_name',
    message: `${what} has the name ${JSON.stringify(name) ?? String(name)}, which the API refuses. Use 1 to 64 letters, digits, "_" or "-".`,
    details: { name: String(name) },
  })
}

/**
 * Checks that no name stands twice.
 *
 * @throws DefinitionError with code `duplicate_name`.
 */
export function checkDistinct(where: string, what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  throw new DefinitionError({
    code: 'duplicate_name',
    message: `${where} has two ${what}s named "${twice}". Names must differ: rename one of them.`,
    details: { name: twice },
  })
}

/**
 * Checks a definition's version.
 *
 * @throws DefinitionError with code `bad_version`.
 */
export function checkVersion(what: string, version: number): void {
  checkCount(what, 'version', version)
}

/**
 * Checks a whole number of 1 or more.
 *
 * @throws DefinitionError with code `bad_number`.
 */
export function checkCount(what: string, field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw badNumber(what, field, value, 'It must be a whole number of 1 or more.')
}

/**
 * Checks a whole number.
 *
 * @throws DefinitionError with code `bad_number`.
 */
export function checkWhole(what: string, field: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw badNumber(what, field, value, 'It must be a whole number.')
}

/**
 * Checks a duration in milliseconds, of which there may be a part: whoever waits for it rounds up.
 *
 * @throws DefinitionError with code `bad_number`.
 */
export function checkMs(what: string, field: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return
  throw badNumber(what, field, value, 'It must be 0 milliseconds or more, and finite.')
}

/**
 * Checks a text by which something is found again: a store must give back the same.
 *
 * @throws DefinitionError with code `bad_text`.
 */
export function checkText(what: string, field: string, value: unknown): void {
  if (isText(value)) return
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value)
  throw new DefinitionError({
    code: 'bad_text',
    message: `${what} was given ${field} ${shown}. It must be text of whole characters: no U+0000, and no half of a surrogate pair, as a cut through an emoji leaves.`,
    details: { field },
  })
}

/**
 * Checks a list of such texts.
 *
 * @throws DefinitionError with code `bad_text`.
 */
export function checkTexts(what: string, field: string, values: readonly unknown[]): void {
  if (!Array.isArray(values))
    throw new DefinitionError({
      code: 'bad_text',
      message: `${what} was given ${field} ${JSON.stringify(values)}. It must be a list of texts.`,
      details: { field },
    })
  for (const [index, value] of values.entries()) checkText(what, `${field}[${index}]`, value)
}

function badNumber(what: string, field: string, value: number, expected: string): DefinitionError {
  return new DefinitionError({
    code: 'bad_number',
    message: `${what} has ${field} ${String(value)}. ${expected}`,
    details: { field, value: String(value) },
  })
}
