import { resolve } from 'node:path'
import { DefinitionError } from '@reprise/core'
import { FileStore } from './file-store.ts'
import type { SqliteStore } from './file-store.ts'
import { IN_MEMORY } from './open.ts'
import type { Durability } from './open.ts'

/** How a SQLite store keeps what it is given. */
export interface SqliteOptions {
  /**
   * What a commit survives: `power` the loss of power, at one disk flush a commit; `process` the end of the process.
   *
   * @default 'power'
   */
  readonly durability?: Durability
}

/**
 * Keeps runs in a SQLite file, which it makes where there is none. The file is opened, and what is wrong with it is
 * said, at the first use.
 *
 * @param path of the file, or `:memory:` for a store that is gone when it is closed.
 * @throws DefinitionError when the path is empty.
 */
export function sqlite(path: string, { durability = 'power' }: SqliteOptions = {}): SqliteStore {
  if (path.trim() === '')
    throw new DefinitionError({
      code: 'store_no_path',
      message: `sqlite("${path}") names no file. Give a path, or ":memory:".`,
    })
  return new FileStore(path === IN_MEMORY ? path : resolve(path), durability)
}
