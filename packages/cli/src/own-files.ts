// The files of this package that it reads itself. This module stands one folder below them, in `src` as in `dist`, where
// it is part of the one file that the package is made into.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of which `reprise init` makes a project. */
export const TEMPLATE = fileURLToPath(new URL('../template', import.meta.url))

/** The version of this package, which all packages of Reprise share. */
export function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  // It is this package's own file.
  return (JSON.parse(manifest) as { readonly version: string }).version
}
