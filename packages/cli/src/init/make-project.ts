import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DefinitionError } from '@reprise/core'

/** Files that npm would not publish under their own names, by what the template calls them. */
const RENAMED: Readonly<Record<string, string>> = { gitignore: '.gitignore' }

/** What a project is made of. */
export interface Pattern {
  /** The folder that it is a copy of. */
  readonly template: string
  /** The version that all packages of Reprise share. */
  readonly version: string
}

/**
 * Makes a project in a folder, which is made where it is not there.
 *
 * @returns the paths of its files.
 * @throws DefinitionError with code `not_empty` when anything but a repository stands there.
 */
export function makeProject(folder: string, { template, version }: Pattern): string[] {
  refuseUnlessEmpty(folder)
  const names = readdirSync(template, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(template, name)).isFile()).toSorted()
  return files.map((name) => {
    const path = RENAMED[name] ?? name
    const text = readFileSync(join(template, name), 'utf8')
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), name === 'package.json' ? manifest(text, folder, version) : text, { flag: 'wx' })
    return path
  })
}

function refuseUnlessEmpty(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const found = readdirSync(folder).filter((name) => name !== '.git')
  if (found.length === 0) return
  const message = `${folder} is not empty: it holds ${found.slice(0, 5).join(', ')}${found.length > 5 ? `, \u2026` : ''}. Give an empty folder, or one that is not there yet.`
  throw new DefinitionError({ code: 'not_empty', message })
}

/** A project begins with the version of the command that makes it. */
function manifest(text: string, folder: string, version: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
  return text
    .replace('"name": "my-agents"', () => `"name": ${JSON.stringify(name || 'my-agents')}`)
    .replaceAll('"^0.0.0"', () => JSON.stringify(`^${version}`))
}
