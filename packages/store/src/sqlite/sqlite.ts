import { resolve } from 'node:path'
import { DefinitionError } from '@reprise/core'
import { checkEncryption } from '@reprise/format'
import type { Encryption } from '@reprise/format'
import { checkPath } from './check-path.ts'
import { FileStore } from './file-store.ts'
import type { SqliteStore } from './sqlite-store.ts'
import { IN_MEMORY } from './in-memory.ts'
import type { Durability } from './open.ts'

/** How a SQLite store keeps what it is given. */
export interface SqliteOptions {
  /**
   * What a commit survives: `power` the loss of power, at one disk flush a commit; `process` the end of the process.
   *
   * @default 'power'
   */
  readonly durability?: Durability
  /**
   * Encrypts what runs hold, each lineage by a key of its own; those keys, wrapped by the one given, stand in a file
   * beside the database, `<path>.keys`. A store is encrypted from its beginning, or not at all.
   *
   * @default none
   */
  readonly encryption?: Encryption
}

/**
 * Keeps runs in a SQLite file, which it makes where there is none. The file is opened, and what is wrong with it is
 * said, at the first use.
 *
 * @param path of the file, or `:memory:` for a store that is gone when it is closed.
 * @throws DefinitionError when the path is empty, or a key has not 32 bytes.
 * @example
 * ```ts
 * import { createRuntime } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { sqlite } from '@reprise/store'
 *
 * const store = sqlite('desk.db', { encryption: { key: process.env.REPRISE_KEY ?? '' } })
 * await using runtime = createRuntime({ store, models: openai(), definitions: [] })
 * console.log(await runtime.runs.list()) // []
 * ```
 */
export function sqlite(path: string, options: SqliteOptions = {}): SqliteStore {
  checkPath('sqlite', path)
  const { durability = 'power', encryption } = optionsOf(options)
  if (path.trim() === '')
    throw new DefinitionError({
      code: 'store_no_path',
      message: `sqlite("${path}") names no file. Give a path, or ":memory:".`,
    })
  if (encryption) checkEncryption(encryption)
  return new FileStore(path === IN_MEMORY ? path : resolve(path), durability, encryption)
}

const DURABILITIES: readonly unknown[] = ['power', 'process', undefined]

/** What a program without types gave may be anything. */
function optionsOf(options: SqliteOptions): SqliteOptions {
  const given: unknown = options
  const isObject = typeof given === 'object' && given !== null
  if (isObject && DURABILITIES.includes(options.durability)) return options
  const what = isObject ? `durability ${JSON.stringify(options.durability)}` : `options ${JSON.stringify(given)}`
  throw new DefinitionError({
    code: 'bad_argument',
    message: `sqlite was given ${what}. Give it { durability, encryption }, or nothing: durability is "power" or "process".`,
  })
}
