import { StoreError } from '@reprise/core'
import type { DatabaseConstructor } from './database.ts'

const OLDEST_NODE = [22, 18] as const

/**
 * Loads better-sqlite3, which importing this package does not.
 *
 * @throws StoreError on a Node.js that its binary would crash, and where it cannot be loaded.
 */
export async function loadDriver(): Promise<DatabaseConstructor> {
  refuseOldNode(process.versions.node)
  try {
    return (await import('better-sqlite3')).default
  } catch (thrown) {
    throw noDriver(thrown)
  }
}

/** Says that better-sqlite3 or its binary could not be loaded. */
export function noDriver(thrown: unknown): StoreError {
  return new StoreError({
    code: 'store_no_driver',
    message: `better-sqlite3 could not be loaded on ${process.platform}-${process.arch}: ${String(thrown)}. Install it with its binary: it carries one each for Linux, macOS and Windows on x64 and arm64.`,
  })
}

// better-sqlite3 13 does not check: on Node.js 20 its binary ends the process with a segmentation fault.
function refuseOldNode(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  throw new StoreError({
    code: 'store_old_node',
    message: `The SQLite store cannot run on Node.js ${version}. It needs Node.js ${OLDEST_NODE.join('.')} or newer. Run this program with a newer Node.js.`,
    details: { found: version, needed: OLDEST_NODE.join('.') },
  })
}
