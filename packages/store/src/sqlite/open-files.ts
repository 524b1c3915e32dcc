// The files that this process has open: a file that is opened once more in it is shared.
import { basename, dirname, join } from 'node:path'
import { existsSync, realpathSync } from 'node:fs'
import { masterKeys } from '@reprise/format/keys'
import type { Encryption } from '@reprise/format'
import type { DatabaseConstructor } from './database.ts'
import { loadDriver } from './driver.ts'
import { problem } from './errors.ts'
import { fileNumber } from './file-number.ts'
import { IN_MEMORY } from './in-memory.ts'
import type { MasterKeys } from './lineages.ts'
import type { Durability } from './open.ts'
import { openStore } from './opened.ts'
import type { Opened } from './opened.ts'

/** A file that is open here. */
interface OpenFile {
  readonly path: string
  /** What tells the file from every other one. */
  readonly number: string | undefined
  /** The copy of better-sqlite3 that has it open. */
  readonly library: DatabaseConstructor
  /** The copy of this package that has it open, and how: only the same shares it. */
  readonly sharedBy: typeof openStore
  readonly how: string
  readonly opened: Opened
  users: number
}

/** Of all copies of this package in this thread. */
interface OpenFiles {
  readonly files: Set<OpenFile>
  /** Openings under way, by where the file is: each waits for the one before. */
  readonly openings: Map<string, Promise<unknown>>
}

/** A use of an open file. */
export interface Use {
  readonly opened: Opened
  /** Closes the file when it was its last use. */
  readonly end: () => Promise<void>
}

const REGISTER = Symbol.for('reprise.store.open-files')

/**
 * Opens a store's file, or gives the connection that this process has to it: one by the same keys and durability is
 * shared. Another one gets a connection of its own from the same library, which knows of both.
 *
 * @throws StoreError with code `store_opened_twice` where another copy of better-sqlite3 has it open: each would let go
 * of the other's locks. What `openDatabase` throws; DefinitionError when what was given is no key; what fetching one throws.
 */
export async function useFile(path: string, durability: Durability, encryption: Encryption | undefined): Promise<Use> {
  const library = await loadDriver()
  const masters = encryption && (await masterKeys(encryption))
  if (path === IN_MEMORY) {
    const opened = await openStore(library, path, durability, masters)
    return { opened, end: () => opened.close() }
  }
  const { openings } = register()
  const place = placeOf(path)
  const before = openings.get(place)
  const use = (async () => {
    await before?.catch(() => undefined)
    return openOrShare(library, path, durability, masters)
  })()
  openings.set(place, use)
  try {
    return await use
  } finally {
    if (openings.get(place) === use) openings.delete(place)
  }
}

/** Tells whether a store of this thread has a file open. */
export function isOpenHere(path: string): boolean {
  const number = fileNumber(path)
  return number !== undefined && [...register().files].some((file) => file.number === number)
}

/** The paths of the files that stores of this thread have open. */
export function openPaths(): readonly string[] {
  return [...new Set([...register().files].map(({ path }) => path))]
}

async function openOrShare(
  library: DatabaseConstructor,
  path: string,
  durability: Durability,
  masters: MasterKeys,
): Promise<Use> {
  const { files } = register()
  const found = fileNumber(path)
  const same = found === undefined ? [] : [...files].filter(({ number }) => number === found)
  if (same.some((file) => file.library !== library))
    throw problem(
      'store_opened_twice',
      path,
      "is open in this process by another copy of better-sqlite3, and two would let go of each other's locks",
      'Install one version of better-sqlite3 for all packages, or use one of the stores for both.',
    )
  const how = [durability, ...(masters ?? []).map(({ id }) => id)].join(' ')
  const shared = same.find((file) => file.sharedBy === openStore && file.how === how)
  const file = shared ?? {
    path: placeOf(path),
    opened: await openStore(library, path, durability, masters),
    number: fileNumber(path),
    library,
    sharedBy: openStore,
    how,
    users: 0,
  }
  file.users++
  files.add(file)
  return { opened: file.opened, end: () => letGo(file) }
}

async function letGo(file: OpenFile): Promise<void> {
  if (--file.users > 0) return file.opened.emptyLog()
  register().files.delete(file)
  await file.opened.close()
}

/** Where a file is or will be, whatever links lead there. */
function placeOf(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const folder = dirname(path)
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path
}

function register(): OpenFiles {
  const place = globalThis as { [REGISTER]?: OpenFiles } // every copy of this package looks there
  return (place[REGISTER] ??= { files: new Set(), openings: new Map() })
}
