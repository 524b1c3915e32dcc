import { resolve } from 'node:path'
import { DefinitionError } from '@reprise/core'

/** What every tool over a folder is made with. */
export interface FolderOptions<Name extends string> {
  /** The one folder that the tool may touch. It may be a link itself; links in it are not followed. */
  readonly root: string
  /** What the model calls the tool, where an agent has two of them. @default the name that the function's type shows */
  readonly name?: Name
}

/**
 * Makes a root absolute, so that a later change of the working directory moves nothing.
 *
 * @throws DefinitionError when it is no path.
 */
export function rootOf(tool: string, root: unknown): string {
  if (typeof root === 'string' && root !== '' && !root.includes('\0')) return resolve(root)
  throw new DefinitionError({
    code: 'bad_root',
    message: `Tool "${tool}" has the root ${JSON.stringify(root)}. It must be the path of a folder.`,
    details: { tool },
  })
}
