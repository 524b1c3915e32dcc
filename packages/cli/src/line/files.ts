import { statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DefinitionError, messageOf } from '@reprise/core'
import type { Io } from './io.ts'

/**
 * The whole path of a file that is to be written. It is asked before the work begins: what cannot be written is told
 * before anything is paid for.
 *
 * @throws DefinitionError with code `no_folder` where its folder is not there.
 */
export function outFile(io: Io, file: string): string {
  const path = resolve(io.cwd(), file)
  if (isFolder(dirname(path)) === true) return path
  throw new DefinitionError({ code: 'no_folder', message: `There is no folder ${dirname(path)}. Make it first.` })
}

/**
 * Writes a file whose path `outFile` gave.
 *
 * @throws DefinitionError with code `unwritable` where it cannot be written.
 */
export async function writeOut(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (cause) {
    const message = `${path} cannot be written: ${messageOf(cause).replace(/\.?$/, '.')} Give the path of a file.`
    throw new DefinitionError({ code: 'unwritable', message, cause })
  }
}

/**
 * The whole path of a file that is to be read.
 *
 * @throws DefinitionError with code `no_file` where there is none, or a folder.
 */
export function inFile(io: Io, file: string): string {
  const path = resolve(io.cwd(), file)
  const found = isFolder(path)
  if (found === false) return path
  const problem = found
    ? `${path} is a folder. Give the path of a file.`
    : `There is no file at ${path}. Check the path.`
  throw new DefinitionError({ code: 'no_file', message: problem })
}

/** @returns undefined where there is nothing. */
function isFolder(path: string): boolean | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory()
}
