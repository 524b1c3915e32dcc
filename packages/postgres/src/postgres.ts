import { DefinitionError } from '@reprise/core'
import { checkEncryption } from '@reprise/format'
import type { Encryption } from '@reprise/format'
import { isPlace, isVault } from './place.ts'
import type { KeysPlace, Place } from './place.ts'
import { PostgresStore } from './postgres-store.ts'
import { checkSchema } from './tables.ts'

/** How a Postgres store keeps what it is given. */
export interface PostgresOptions {
  /**
   * The schema of its tables, which is made where it is not there. Stores of several schemas know nothing of each other.
   *
   * @default 'reprise'
   */
  readonly schema?: string
  /**
   * Encrypts what runs hold, each lineage by a key of its own. A store is encrypted from its beginning, or not at all.
   *
   * @default none
   */
  readonly encryption?: Encryption
  /**
   * Where the keys of lineages stand, wrapped, and what was erased: give another database than the journal's, so that no
   * restored backup of that brings either back; or a vault of yours.
   *
   * @default the same database
   */
  readonly keys?: KeysPlace
  /**
   * The address at which the store hears what others tell of, so that work and mail are found at once and not by the next look:
   * that of the server itself, to the same database. A pooler in transaction mode passes nothing on.
   *
   * @default the store's own address, where it has one; nothing where it was given a pool
   */
  readonly listenUrl?: string
}

/**
 * Keeps runs in a schema of a Postgres database. It is opened, its tables are made or brought up to date, and what is wrong with
 * it is said, at the first use.
 *
 * @param place an address, whose connections the store makes and ends, or a pool of `pg`, which stays yours.
 * @throws DefinitionError when there is no place, the schema has no name that Postgres keeps as it is, or a key has not 32 bytes.
 * @example
 * ```ts
 * import { createRuntime } from '@reprise/core'
 * import { openai } from '@reprise/openai'
 * import { postgres } from '@reprise/postgres'
 *
 * const store = postgres('postgres://desk@127.0.0.1/desk', { schema: 'reprise' })
 * await using runtime = createRuntime({ store, models: openai(), definitions: [] })
 * ```
 */
export function postgres(place: Place, options: PostgresOptions = {}): PostgresStore {
  const { schema = 'reprise', encryption, keys, listenUrl = defaultListenUrl(place) } = optionsOf(options)
  if (!isPlace(place)) throw badPlace('no place', 'an address, "postgres://user@host/database", or a pool of pg')
  if (keys !== undefined && !isPlace(keys) && !isVault(keys))
    throw badPlace('no place for its keys', 'an address, a pool of pg, or a vault with all methods of Vault')
  if (listenUrl !== undefined && (typeof listenUrl !== 'string' || !isPlace(listenUrl)))
    throw badPlace('no listenUrl', 'the address of the server of its database, "postgres://user@host/database"')
  checkSchema(schema)
  if (encryption) checkEncryption(encryption)
  return new PostgresStore(place, schema, encryption, keys, listenUrl)
}

function defaultListenUrl(place: Place): string | undefined {
  return typeof place === 'string' ? place : undefined
}

/** What a program without types gave may be anything. */
function optionsOf(options: PostgresOptions): PostgresOptions {
  const given: unknown = options
  if (typeof given === 'object' && given !== null) return options
  throw new DefinitionError({
    code: 'bad_argument',
    message: `postgres was given options ${JSON.stringify(given)}. Give it { schema, encryption, keys, listenUrl }, or nothing.`,
  })
}

function badPlace(what: string, expected: string): DefinitionError {
  return new DefinitionError({ code: 'bad_argument', message: `postgres was given ${what}. Give ${expected}.` })
}
