import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from './complaint.ts'

/** Where everything that an extraction keeps and gives stands. */
export interface Place {
  readonly path: string
  /** The runs. */
  readonly journal: string
  /** All statements, with what is open. */
  readonly json: string
  /** The lines of all statements that are settled. */
  readonly csv: string
}

/** Names the files in a folder, which may not be there. */
export function placeAt(path: string): Place {
  return {
    path,
    journal: join(path, 'extraction.db'),
    json: join(path, 'statements.json'),
    csv: join(path, 'lines.csv'),
  }
}

/** Makes the folder where it is missing. */
export function makePlace({ path }: Place): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new Complaint(`The results cannot be kept in ${path}: ${(error as Error).message}. Give a folder with --out.`)
  }
}

/**
 * Empties the folder for a fresh start.
 *
 * @throws Complaint when something in it is not an extraction's: then nothing is removed.
 */
export function emptyPlace({ path }: Place): void {
  if (!existsSync(path)) return
  const names = readdirSync(path)
  const own = /^(extraction\.db(-wal|-shm|\.clean)?|(statements\.json|lines\.csv)(\.new)?)$/
  const foreign = names.filter((name) => !own.test(name))
  if (foreign.length > 0) {
    throw new Complaint(
      `${path} holds more than an extraction's files (${foreign.join(', ')}): --fresh leaves it as it is. Give another folder with --out.`,
    )
  }
  for (const name of names) rmSync(join(path, name))
}
