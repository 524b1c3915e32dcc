import { DefinitionError } from '@reprise/core'
import { checkEncryption } from '@reprise/format'
import type { Encryption } from '@reprise/format'
import { faultOf, lookAtBlobs } from './blob-look.ts'
import type { BlobStore } from './blob-store.ts'
import type { Examination, Fault } from './examination.ts'
import { hears } from './hearing.ts'
import { noKeys } from './lineages.ts'
import { isThere, newer } from './migrate.ts'
import { databaseOf } from './open.ts'
import { watchOwners } from './owner-watch.ts'
import { isVault } from './place.ts'
import type { KeysPlace, Place } from './place.ts'
import type { PoolDatabase } from './pool-database.ts'
import { PostgresVault } from './postgres-vault.ts'
import { Queue } from './queue.ts'
import { checkKeys, notEncrypted } from './rotation.ts'
import { MIGRATIONS } from './schema.ts'
import { lookAtServer, lookAtTables, lookForFirstEnded, lookForHolder } from './server-look.ts'
import { checkSchema } from './tables.ts'

/** How a store is looked at. */
export interface ExamineOptions {
  /** As `postgres` takes it. @default 'reprise' */
  readonly schema?: string
  /** Its keys, as `postgres` takes them. @default none */
  readonly encryption?: Encryption
  /** Where its keys stand, as `postgres` takes it. @default the same database */
  readonly keys?: KeysPlace
  /** Where its large bodies stand, as `postgres` takes it. @default none */
  readonly blobs?: BlobStore
  /** The address at which hints are listened for, as `postgres` takes it. @default the address of the store */
  readonly listenUrl?: string
  /** How long heartbeats are waited for, in milliseconds. @default 5000 */
  readonly patienceMs?: number
}

/** An owner shows itself each second, and its thread after two: some more are allowed for. */
const PATIENCE_MS = 5_000

/** How many connections a look takes: one waits for heartbeats. */
const CONNECTIONS = 2

/**
 * Looks at a store while others may use it: at its server and what that was told of commits, at the versions of its tables and
 * how they grow, what keeps the server from cleaning them, the keys, who drives runs, how runs stand, whether hints are heard,
 * and whether blobs are where they should be. Tables are not read for it but for the runs that have not ended: sizes are the
 * server's estimates. It changes nothing: it makes no store, raises no schema, and wraps no keys anew where `oldKeys` are given.
 *
 * @param url the address of the database.
 * @throws DefinitionError with code `no_store` where the schema holds no store, or where an option is none; StoreError where
 * the database cannot be asked. What else is wrong is part of what is given back.
 * @example
 * ```ts no-run: it needs a Postgres
 * import { examine } from '@reprise/postgres'
 *
 * const { server, fault, keys, heldBy } = await examine('postgres://desk@127.0.0.1/desk')
 * console.log(server.version, fault, keys?.encrypted, heldBy?.pid)
 * ```
 */
export function examine(url: string, options: ExamineOptions = {}): Promise<Examination> {
  return examinePlace(url, { listenUrl: url, ...options })
}

type Given = { readonly [Name in keyof ExamineOptions]: ExamineOptions[Name] | undefined }

/** The same of a store wherever it is: without an address to listen at it hears nothing. Throws what `examine` throws. */
export async function examinePlace(place: Place, options: Given): Promise<Examination> {
  const { schema = 'reprise', encryption } = options
  checkSchema(schema)
  if (encryption) checkEncryption(encryption)
  const db = databaseOf(place, schema, CONNECTIONS)
  try {
    if (!(await isThere(db, schema, 'meta')))
      throw new DefinitionError({
        code: 'no_store',
        message: `There is no store at ${db.name} to look at. Check the address and the schema.`,
      })
    return await lookAt(db, { ...options, schema })
  } finally {
    await db.close()
  }
}

async function lookAt(db: PoolDatabase, options: Given & { readonly schema: string }): Promise<Examination> {
  const { schema, listenUrl, patienceMs = PATIENCE_MS } = options
  const at = Date.now()
  const { tables } = db
  const { server, seesOthers } = await lookAtServer(db)
  const [meta] = await db.query<{ found: number; least: number; encrypted: boolean }>(
    `select schema as found, least, coalesce(keys, '') <> '' as encrypted from ${tables.meta}`,
  )
  const { found = 0, least = 0, encrypted = false } = meta ?? {}
  const versions = { found, least, known: MIGRATIONS.length }
  const outside = { place: db.name.replace(/,$/, ''), at, server, schema: versions }
  if (least > MIGRATIONS.length)
    return { ...outside, ...NOTHING, fault: faultOf(newer(db.name, { schema: found, least }, MIGRATIONS.length)) }
  const [owners, queue, heard, sizes] = await Promise.all([
    watchOwners(db, tables, patienceMs),
    new Queue(db).count(at),
    listenUrl === undefined ? null : hears(db, listenUrl).catch(() => false),
    lookAtTables(db, schema, tables),
  ])
  const open = queue.reduce((sum, { runs }) => sum + runs, 0)
  const rows = sizes.find(({ name }) => name === 'runs')?.rows ?? 0
  return {
    ...outside,
    fault: null,
    keys: { encrypted, fault: await keyFault(db, encrypted, options) },
    owners,
    queue,
    ended: { runs: Math.max(0, rows - open), firstEndedAt: await lookForFirstEnded(db, tables) },
    tables: sizes,
    seesOthers,
    heldBy: (await lookForHolder(db)) ?? null,
    hears: heard,
    blobs: await lookAtBlobs(db, options.blobs),
  }
}

const NOTHING = {
  keys: null,
  owners: null,
  queue: null,
  ended: null,
  tables: null,
  seesOthers: null,
  heldBy: null,
  hears: null,
  blobs: null,
}

/** Why the keys that were given do not open a store, as opening it would say. */
async function keyFault(
  db: PoolDatabase,
  isEncrypted: boolean,
  { encryption, keys, schema }: Given & { readonly schema: string },
): Promise<Fault | null> {
  const own = isVault(keys) || keys === undefined ? db : databaseOf(keys, schema, 1)
  try {
    if (encryption && !isEncrypted) throw notEncrypted(db.name)
    if (encryption && !isVault(keys) && !(await isThere(own, schema, 'vault')))
      throw noKeys(db.name, `${own.name} has no vault`)
    const masters = encryption && (await (await import('@reprise/format/keys')).masterKeys(encryption))
    await checkKeys(db, isVault(keys) ? keys : new PostgresVault(own), masters)
    return null
  } catch (thrown) {
    return faultOf(thrown)
  } finally {
    if (own !== db) await own.close()
  }
}
