import { ToolError } from '@reprise/core'

/** Longer paths no system takes. */
const MAX_CHARACTERS = 4_096

/**
 * Takes a model's path apart: names below the folder, without `.` and `..`; none of them for the folder itself.
 *
 * @throws ToolError with code `bad_path` for what is no relative path, or leads out of the folder.
 */
export function segmentsOf(path: string): string[] {
  if (path.length > MAX_CHARACTERS)
    throw badPath(`${path.slice(0, 60)}…`, `is longer than ${MAX_CHARACTERS} characters`)
  if (/\p{Cc}/u.test(path)) throw badPath(path, 'holds a control character')
  if (path.includes('\\')) throw badPath(path, 'holds a backslash')
  if (/^(?:\/|[a-z]:)/i.test(path)) throw badPath(path, 'is absolute')
  const segments: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') segments.push(name)
    else if (segments.pop() === undefined) throw badPath(path, 'leads out of the folder')
  }
  return segments
}

function badPath(path: string, why: string): ToolError {
  return new ToolError({
    code: 'bad_path',
    message:
      `The path ${JSON.stringify(path)} ${why}. ` +
      'Use a path within the folder, with "/" between names, such as "reports/june.txt".',
    details: { path },
  })
}
