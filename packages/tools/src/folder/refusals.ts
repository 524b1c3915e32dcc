import { ToolError } from '@reprise/core'

/** What each error code of the system means for a path, and what to do. */
const MEANINGS: { readonly [code: string]: readonly [is: string, instead: string] } = {
  ENOENT: ['does not exist', 'List the folder to see what is there.'],
  ENOTDIR: ['leads through something that is not a folder', 'List the folder to see what is there.'],
  ELOOP: ['is a link, and links are not followed', 'Use the path of the file itself, if it is in this folder.'],
  EISDIR: ['is a folder', 'Name a file in it.'],
  ENAMETOOLONG: ['has a name that is too long', 'Use a shorter one.'],
  EACCES: ['may not be opened by this program', 'Go on without it.'],
  EPERM: ['may not be opened by this program', 'Go on without it.'],
}

/** Makes the error about a path, by a code of the system's. */
export function refusePath(path: string, code: string): ToolError {
  const [is, instead] = MEANINGS[code] ?? [`cannot be used (${code})`, 'Go on without it.']
  return refuse('path_refused', path, is, instead)
}

/** Makes the error about a path. */
export function refuse(code: string, path: string, is: string, instead: string): ToolError {
  return new ToolError({ code, message: `${JSON.stringify(path)} ${is}. ${instead}`, details: { path } })
}

/**
 * Turns what the system says of a path into what a model can use. A full disk or too many open files may pass, so
 * they stay as they are, to be tried again.
 */
export async function explained<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    const code = codeOf(error)
    throw code !== undefined && Object.hasOwn(MEANINGS, code) ? refusePath(path, code) : error
  }
}

/** The system's code of an error: `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
