import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DefinitionError } from '@reprise/core'

/** The name of the file that is looked for. */
export const CONFIG_NAME = 'reprise.config.ts'

/**
 * Finds the config: the given file, else the nearest of its name in the folder `from` and those above.
 *
 * @throws DefinitionError with code `no_config`.
 */
export function findConfig(from: string, given: string | undefined): string {
  if (given !== undefined) {
    const path = resolve(from, given)
    if (existsSync(path)) return path
    throw noConfig(`There is no config at ${path}. Give the path of one with --config.`)
  }
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_NAME)
    if (existsSync(path)) return path
    if (dirname(folder) === folder)
      throw noConfig(
        `There is no ${CONFIG_NAME} in ${from} or above. Go to a project's folder, name its config with --config, or make a project with: reprise init`,
      )
  }
}

function noConfig(message: string): DefinitionError {
  return new DefinitionError({ code: 'no_config', message })
}
