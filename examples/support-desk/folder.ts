import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint } from './complaint.ts'

/** Where everything that the demo keeps stands. */
export interface Folder {
  readonly path: string
  /** The runs, and the desk's own book. */
  readonly journal: string
  readonly shop: string
  readonly outbox: string
}

/** Names the files in a folder, which may not be there. */
export function folderAt(path: string): Folder {
  return { path, journal: join(path, 'desk.db'), shop: join(path, 'shop.db'), outbox: join(path, 'outbox.jsonl') }
}

/** Makes the folder where it is missing. */
export function makeFolder({ path }: Folder): void {
  mkdirSync(path, { recursive: true })
}

/**
 * Empties the folder for a fresh start.
 *
 * @throws Complaint when something in it is not the demo's: then nothing is removed.
 */
export function emptyFolder({ path }: Folder): void {
  if (!existsSync(path)) return
  const names = readdirSync(path)
  const foreign = names.filter((name) => !/^((desk|shop)\.db(-wal|-shm)?|outbox\.jsonl)$/.test(name))
  if (foreign.length > 0) {
    throw new Complaint(
      `${path} holds more than this demo's files (${foreign.join(', ')}): --fresh leaves it as it is. Give another folder with --data.`,
    )
  }
  for (const name of names) rmSync(join(path, name))
}

/** @throws Complaint when no ticket was ever worked here. */
export function checkWorked({ path, journal }: Folder): void {
  if (!existsSync(journal))
    throw new Complaint(`There are no runs at ${path} yet. Work the tickets first: npm run demo`)
}
