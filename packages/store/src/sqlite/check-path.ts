import { DefinitionError } from '@reprise/core'

/**
 * Checks that a path is text, as a program without types may not give it.
 *
 * @throws DefinitionError with code `bad_argument`.
 */
export function checkPath(what: string, path: unknown): void {
  if (typeof path === 'string') return
  const found = path === undefined ? 'nothing' : path === null ? 'null' : `a value of the type ${typeof path}`
  throw new DefinitionError({
    code: 'bad_argument',
    message: `${what} was given as a path: ${found}. Give the path of a file as text.`,
  })
}
