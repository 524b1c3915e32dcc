import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '@reprise/core'
import { Complaint } from './complaint.ts'

/** Where everything that the demo keeps stands. */
export interface Folder {
  readonly path: string
  /** The runs, and the desk's own book. */
  readonly journal: string
  readonly shop: string
  readonly outbox: string
  /** The data of a Postgres of the demo's own, where the runs are there. */
  readonly postgres: string
}

/** Names the files in a folder, which may not be there. */
export function folderAt(path: string): Folder {
  return {
    path,
    journal: join(path, 'desk.db'),
    shop: join(path, 'shop.db'),
    outbox: join(path, 'outbox.jsonl'),
    postgres: join(path, 'postgres'),
  }
}

/**
 * Makes the folder where it is missing.
 *
 * @throws Complaint when it cannot be made, or a folder stands where a file must be.
 */
export function makeFolder({ path, shop, outbox }: Folder): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw new Complaint(`The folder ${path} cannot be made: ${messageOf(error)}. Give another one with --data.`)
  }
  const wrong = [shop, outbox].find((file) => statSync(file, { throwIfNoEntry: false })?.isDirectory())
  if (wrong !== undefined)
    throw new Complaint(`${wrong} is a folder, and must be a file. Give another folder with --data.`)
}

/**
 * Empties the folder for a fresh start.
 *
 * @throws Complaint when something in it is not the demo's: then nothing is removed.
 */
export function emptyFolder({ path }: Folder): void {
  if (!existsSync(path)) return
  const names = readdirSync(path)
  const foreign = names.filter((name) => !/^((desk|shop)\.db(-wal|-shm|\.clean)?|outbox\.jsonl|postgres)$/.test(name))
  if (foreign.length > 0) {
    throw new Complaint(
      `${path} holds more than this demo's files (${foreign.join(', ')}): --fresh leaves it as it is. Give another folder with --data.`,
    )
  }
  for (const name of names) rmSync(join(path, name), { recursive: true })
}

/** @throws Complaint when no ticket was ever worked here, or the runs are in the other kind of store. */
export function checkWorked(folder: Folder, onPostgres = false): void {
  checkKind(folder, onPostgres)
  if (!existsSync(onPostgres ? folder.postgres : folder.journal))
    throw new Complaint(
      `There are no runs at ${folder.path} yet. Work the tickets first: npm run demo${onPostgres ? ' -- --postgres' : ''}`,
    )
}

/**
 * One shop goes with one store of runs: two that know nothing of each other would each believe that they did it all.
 *
 * @throws Complaint when the folder's runs are in the other kind of store.
 */
export function checkKind({ path, journal, postgres }: Folder, onPostgres: boolean): void {
  if (!existsSync(onPostgres ? journal : postgres)) return
  throw new Complaint(
    onPostgres
      ? `The runs at ${path} are in a file, desk.db. Leave --postgres away, or give another folder with --data.`
      : `The runs at ${path} are in a Postgres. Give --postgres, or another folder with --data.`,
  )
}
