import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { badRow } from '../define/row.ts'

/**
 * The whole path of a file that rows are read from.
 *
 * @throws DefinitionError `bad_row` where there is none, or a folder.
 */
export function fileOfRows(path: string): string {
  const whole = resolve(path)
  const found = statSync(whole, { throwIfNoEntry: false })
  if (found?.isDirectory() === false) return whole
  throw badRow(
    found
      ? `${whole} is a folder. Give the path of a file.`
      : `There is no file at ${whole}. Check the path: it goes from where the process runs.`,
  )
}
