import { DefinitionError } from '@reprise/core'
import { checkEncryption } from '@reprise/format'
import type { Encryption } from '@reprise/format'
import type { Pool } from 'pg'
import { PostgresStore } from './postgres-store.ts'
import { checkSchema } from './tables.ts'

/** Where a database is: its address, or a pool of `pg` that stays yours to end. */
export type Place = string | Pool

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
   * The database in which the keys of lineages stand, wrapped, and what was erased: give another one, so that a restored
   * backup of the journal brings neither back.
   *
   * @default the same
   */
  readonly keys?: Place
}

/** Keeps runs in a schema of a Postgres database. It is opened, and what is wrong with it is said, at the first use. */
export function postgres(place: Place, options: PostgresOptions = {}): PostgresStore {
  const { schema = 'reprise', encryption, keys } = options
  if (!isPlace(place) || (keys !== undefined && !isPlace(keys)))
    throw new DefinitionError({
      code: 'bad_argument',
      message: 'postgres was given no place. Give an address, "postgres://user@host/database", or a pool of pg.',
    })
  checkSchema(schema)
  if (encryption) checkEncryption(encryption)
  return new PostgresStore(place, schema, encryption, keys)
}

function isPlace(place: unknown): place is Place {
  return typeof place === 'string'
    ? place.trim() !== ''
    : typeof place === 'object' && place !== null && 'connect' in place
}
