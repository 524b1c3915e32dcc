import { isObject } from '../../define/argument.ts'
import { cut } from '../../values/cut.ts'
import { badLine } from './bad-line.ts'
import type { Line } from './lines.ts'

/** The longest beginning of a line that is shown. */
export const SHOWN = 60

/**
 * Reads a line as the object of JSON that it must be.
 *
 * @throws DefinitionError with code `bad_golden`.
 */
export function parseLine({ number, text }: Line): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw badLine(
      number,
      `it is no JSON: ${cut(text, SHOWN)}`,
      'Each line is one object, and ends in a line feed. Give the text of the file as it is, or all lines with their line feeds.',
    )
  }
  // JSON has no other objects than plain ones.
  if (isObject(value) && !Array.isArray(value)) return value
  throw badLine(number, `it is ${cut(text, SHOWN)}`, 'Each line must be an object of JSON.')
}
