import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a folder that goes when the test run is done. */
export function tempFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'support-desk-'))
  return path
}

/** What stands in the files of a folder, to the byte. */
export function contents(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path, { withFileTypes: true })
      .filter((found) => found.isFile())
      .map(({ name }) => name)
      .toSorted()
      .map((name) => [name, readFileSync(join(path, name)).toString('base64')]),
  )
}

/** The lines of an output from one that begins so to the next empty one. */
export function block(output: string, begins: string): string {
  const lines = output.split('\n')
  const start = lines.findIndex((line) => line.startsWith(begins))
  const end = lines.indexOf('', start)
  return start === -1 ? '' : lines.slice(start, end === -1 ? undefined : end).join('\n')
}
