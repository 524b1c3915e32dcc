import type { Encryption } from '@reprise/format'
import pg from 'pg'
import type { Pool } from 'pg'
import { migrate, migrateKeys } from './migrate.ts'
import { openRooms } from './opened.ts'
import type { Opened } from './opened.ts'
import { PoolDatabase } from './pool-database.ts'
import type { Place } from './postgres.ts'
import { PostgresVault } from './postgres-vault.ts'
import { openLineages } from './rotation.ts'

/** How many connections a store's own pool has at most, how long one is waited for, and how long an answer is. */
const MAX_CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 10_000
const ANSWER_TIMEOUT_MS = 60_000

/** Opens a store: makes its connections, and brings its tables up to date. */
export async function openStore(
  place: Place,
  schema: string,
  encryption: Encryption | undefined,
  keysPlace: Place | undefined,
): Promise<Opened> {
  const db = databaseOf(place, schema)
  // Connections of its own: who holds one of the journal's may wait for a key.
  const keys = keysPlace === undefined && typeof place !== 'string' ? db : databaseOf(keysPlace ?? place, schema)
  const close = async (): Promise<void> => {
    await Promise.all([...new Set([db, keys])].map((database) => database.close()))
  }
  try {
    await migrate(db, schema)
    await migrateKeys(keys, schema)
    const masters = encryption && (await (await import('@reprise/format/keys')).masterKeys(encryption))
    const lineages = await openLineages(db, new PostgresVault(keys), masters)
    const opened = openRooms(db, lineages, close)
    await opened.eraser.finish()
    return opened
  } catch (thrown) {
    await close()
    throw thrown
  }
}

function databaseOf(place: Place, schema: string): PoolDatabase {
  if (typeof place !== 'string') return new PoolDatabase(place, nameOf(place, schema), schema, false)
  const pool = new pg.Pool({
    connectionString: place,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    fallback_application_name: 'reprise',
    keepAlive: true,
    allowExitOnIdle: true,
    pipeline: true,
  })
  return new PoolDatabase(pool, nameOf(pool, schema), schema, true)
}

/** What errors call a store: nothing of a password. */
function nameOf({ options }: Pool, schema: string): string {
  const { host, port, database } = new pg.Client(options)
  return `postgres://${host}:${port}/${database ?? ''}, schema "${schema}",`
}
