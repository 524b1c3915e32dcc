import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

/** The files of this repository, from its root, in order. What is installed or was built is none of it. */
export const paths: readonly string[] = readdirSync(root)
  .filter((name) => name !== 'node_modules' && !name.startsWith('.'))
  .flatMap((name) => {
    if (!statSync(join(root, name)).isDirectory()) return name
    return readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((path) => join(name, path))
  })
  .filter((path) => !/\/(node_modules|dist|\.[^/]+)\//.test(path))
  .toSorted()
