import { DefinitionError } from '@reprise/core'

/**
 * Gives a limit, or its default where none is set.
 *
 * @throws DefinitionError when it is not a whole number of 1 or more.
 */
export function limit(tool: string, field: string, value: number | undefined, standard: number): number {
  if (value === undefined) return standard
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new DefinitionError({
    code: 'bad_number',
    message: `Tool "${tool}" has ${field} ${value}. It must be a whole number of 1 or more.`,
    details: { tool, field, value: String(value) },
  })
}
