import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digest } from '@reprise/core'

/** Makes a folder with some files that goes when the test run is done. */
export function tempFolder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'data-extraction-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

/** What stands in a folder, by name: the digests of the files. */
export function contents(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path)
      .toSorted()
      .map((name) => [name, digest(readFileSync(join(path, name), 'base64'))]),
  )
}
