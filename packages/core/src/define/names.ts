import { DefinitionError } from '../words/errors.ts'
import { isName } from '../words/ids.ts'

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
  if (Number.isSafeInteger(value) && value >= 1) return
  throw new DefinitionError({
    code: 'bad_number',
    message: `${what} has ${field} ${String(value)}. It must be a whole number of 1 or more.`,
    details: { field, value: String(value) },
  })
}
