import { DefinitionError } from '@reprise/core'
import { checkEncryption } from '@reprise/format'
import type { Encryption } from '@reprise/format'
import type { BlobStore } from './blob-store.ts'
import { isPlace, isVault } from './place.ts'
import type { KeysPlace, Place } from './place.ts'
import { PostgresStore } from './postgres-store.ts'
import { checkSchema } from './tables.ts'

/**
 * How large a part must be that is put outside. Postgres cuts a value of more than 2 KB into rows of 2 KB beside the table, and
 * tries to compress it first: at 128 KiB that is 66 rows on 17 pages and some 5 ms, of the order of a file
 * that is put durably, and less than a request to a bucket over a network.
 */
const MIN_BLOB_BYTES = 131_072

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
  /**
   * Where large parts of what runs hold stand, outside of the database: `folder(path)`, `s3({ … })`, or a `BlobStore` of yours.
   * A store that has some there needs it from then on. A copy of the database needs a copy of them: each cleans up its own.
   *
   * @default none: all stands in the database
   */
  readonly blobs?: BlobStore
  /**
   * How many bytes a part has at least that goes there, from 1 on. Smaller ones are cheaper in the database, which keeps a value
   * of n bytes in n / 2,000 rows beside the table.
   *
   * @default 131_072
   */
  readonly minBlobBytes?: number
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
  const {
    schema = 'reprise',
    encryption,
    keys,
    listenUrl = defaultListenUrl(place),
    blobs,
    minBlobBytes = MIN_BLOB_BYTES,
  } = optionsOf(options)
  if (!isPlace(place)) throw badPlace('no place', 'an address, "postgres://user@host/database", or a pool of pg')
  if (keys !== undefined && !isPlace(keys) && !isVault(keys))
    throw badPlace('no place for its keys', 'an address, a pool of pg, or a vault with all methods of Vault')
  if (listenUrl !== undefined && (typeof listenUrl !== 'string' || !isPlace(listenUrl)))
    throw badPlace('no listenUrl', 'the address of the server of its database, "postgres://user@host/database"')
  if (blobs !== undefined && !isBlobStore(blobs))
    throw badPlace('no place for its blobs', 'folder(path), s3({ … }), or an object with put, get, delete and list')
  if (!Number.isSafeInteger(minBlobBytes) || minBlobBytes < 1)
    throw badPlace(`minBlobBytes ${String(minBlobBytes)}`, 'a whole number of bytes, from 1 on')
  checkSchema(schema)
  if (encryption) checkEncryption(encryption)
  return new PostgresStore(
    place,
    schema,
    encryption,
    keys,
    listenUrl,
    blobs && { store: blobs, minBytes: minBlobBytes },
  )
}

function defaultListenUrl(place: Place): string | undefined {
  return typeof place === 'string' ? place : undefined
}

function isBlobStore(place: unknown): place is BlobStore {
  if (typeof place !== 'object' || place === null) return false
  return ['put', 'get', 'delete', 'list'].every((name) => typeof Reflect.get(place, name) === 'function')
}

/** What a program without types gave may be anything. */
function optionsOf(options: PostgresOptions): PostgresOptions {
  const given: unknown = options
  if (typeof given === 'object' && given !== null) return options
  throw new DefinitionError({
    code: 'bad_argument',
    message: `postgres was given options ${JSON.stringify(given)}. Give it { schema, encryption, keys, listenUrl, blobs }, or nothing.`,
  })
}

function badPlace(what: string, expected: string): DefinitionError {
  return new DefinitionError({ code: 'bad_argument', message: `postgres was given ${what}. Give ${expected}.` })
}
