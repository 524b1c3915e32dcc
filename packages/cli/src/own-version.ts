import { readFileSync } from 'node:fs'

/** The version of this package, which all packages of Reprise share. */
export function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  // It is this package's own file.
  return (JSON.parse(manifest) as { readonly version: string }).version
}
