import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { digest } from '@reprise/core'
import { Complaint } from './complaint.ts'
import type { ExtractionInput } from './extraction/workflow.ts'

/** The statements of the demo itself. */
export const STATEMENTS = join(import.meta.dirname, 'statements')

const KINDS: ReadonlySet<string> = new Set(['.csv', '.tsv', '.txt'])

/**
 * Finds the files of a folder that are to be read: those in folders below, links and other kinds of file are left out.
 *
 * @throws Complaint when the folder cannot be read, or holds none.
 */
export function findStatements(folder: string): ExtractionInput {
  const files = namesIn(folder).map((path) => ({ path, digest: digestOf(join(folder, path)) }))
  if (files.length > 0) return { folder, files }
  throw new Complaint(`${folder} holds no statement: it must hold files that end in ${[...KINDS].join(', ')}.`)
}

/**
 * Checks that an extraction may go on with what is there now.
 *
 * @throws Complaint when it was begun with another folder, or other files.
 */
export function checkSame(out: string, before: ExtractionInput, now: ExtractionInput): void {
  const instead = 'Start over with --fresh, or give another place with --out.'
  if (before.folder !== now.folder) {
    throw new Complaint(`${out} holds what was read from ${before.folder}, and not from ${now.folder}. ${instead}`)
  }
  const [old, recent] = [before, now].map(({ files }) => new Map(files.map(({ path, digest }) => [path, digest])))
  const paths = [...new Set([...before.files, ...now.files].map(({ path }) => path))]
  const changed = paths.filter((path) => old?.get(path) !== recent?.get(path))
  if (changed.length === 0) return
  throw new Complaint(`${now.folder} is not as it was when its reading began (${changed.join(', ')}). ${instead}`)
}

function namesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile() && KINDS.has(extname(entry.name).toLowerCase()))
    return files.map(({ name }) => name).toSorted()
  } catch (error) {
    throw new Complaint(`The statements cannot be read: ${(error as Error).message}. Give a folder with --folder.`)
  }
}

function digestOf(path: string): string {
  try {
    return digest(readFileSync(path, 'base64'))
  } catch (error) {
    throw new Complaint(`A statement cannot be read: ${(error as Error).message}. Make it readable, or take it away.`)
  }
}
