import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digest } from '@reprise/core'
import { afterAll } from 'vitest'

const made: string[] = []

afterAll(() => {
  for (const path of made) rmSync(path, { recursive: true })
})

/** Makes a folder with some files that goes when the tests of this file are done. */
export function tempFolder(files: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'data-extraction-'))
  made.push(path)
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
