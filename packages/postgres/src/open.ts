import type { Encryption } from '@reprise/format'
import pg from 'pg'
import { nameOf } from './errors.ts'
import { Outside } from './outside.ts'
import type { BlobsPlace } from './outside.ts'
import { Heads } from './heads.ts'
import { channelOf } from './hints.ts'
import { migrate, migrateKeys } from './migrate.ts'
import { openRooms } from './opened.ts'
import type { Opened } from './opened.ts'
import { PoolDatabase } from './pool-database.ts'
import { isVault } from './place.ts'
import type { KeysPlace, Place } from './place.ts'
import { PostgresVault } from './postgres-vault.ts'
import { openLineages } from './rotation.ts'
import { Teller } from './teller.ts'
import type { Nearby } from './teller.ts'

/** How many connections a store's own pools have at most: for the journal, for the effects of tools, for keys. */
const JOURNAL_CONNECTIONS = 10
const EFFECT_CONNECTIONS = 4
const KEY_CONNECTIONS = 2

/**
 * How many connections of a pool that was given the effects of tools leave to the journal: for the commits that are under way at
 * once, and one more for the keys that those may wait for.
 */
const LEFT_CONNECTIONS = 3

/** How long a connection is waited for. */
const CONNECT_TIMEOUT_MS = 10_000

/** Opens a store: makes its connections, and brings its tables up to date. */
export async function openStore(
  place: Place,
  schema: string,
  encryption: Encryption | undefined,
  keysPlace: KeysPlace | undefined,
  nearby: Nearby,
  blobs: BlobsPlace | undefined,
): Promise<Opened> {
  const heads = new Heads()
  const onBreak = (): void => heads.forget()
  const db = databaseOf(place, schema, JOURNAL_CONNECTIONS, onBreak)
  // Connections of their own: who holds one of the journal's may wait for a key, and an effect for anything.
  const isGiven = typeof place !== 'string'
  const effects = isGiven
    ? { db, atOnce: Math.max(1, place.options.max - LEFT_CONNECTIONS) }
    : { db: databaseOf(place, schema, EFFECT_CONNECTIONS, onBreak), atOnce: EFFECT_CONNECTIONS }
  const keysOf = (at: Place): PoolDatabase => databaseOf(at, schema, KEY_CONNECTIONS)
  const keys = isVault(keysPlace) ? keysPlace : isGiven && !keysPlace ? db : keysOf(keysPlace ?? place)
  const close = async (): Promise<void> => {
    const own = [db, effects.db, ...(keys instanceof PoolDatabase ? [keys] : [])]
    await Promise.all([...new Set(own)].map((database) => database.close()))
  }
  try {
    await migrate(db, schema)
    if (keys instanceof PoolDatabase) await migrateKeys(keys, schema)
    const masters = encryption && (await (await import('@reprise/format/keys')).masterKeys(encryption))
    const vault = keys instanceof PoolDatabase ? new PostgresVault(keys) : keys
    const lineages = await openLineages(db, vault, masters)
    const teller = new Teller(db, channelOf(schema), nearby, (runId) => heads.get(runId) !== undefined)
    const outside = await Outside.open(db, blobs)
    const apart = keysPlace === undefined ? undefined : vault
    const opened = openRooms({
      db,
      effects,
      lineages,
      vault: apart,
      heads,
      teller,
      channel: channelOf(schema),
      outside,
      close,
    })
    await opened.rewinds.look()
    await opened.eraser.finish()
    // What the place of blobs fails with stays noted.
    await opened.outside.bury()
    return opened
  } catch (thrown) {
    await close()
    throw thrown
  }
}

/** A database by connections of its own to an address, `max` at most, or by those of a pool that was given. */
export function databaseOf(place: Place, schema: string, max: number, onBreak?: () => void): PoolDatabase {
  if (typeof place !== 'string')
    return new PoolDatabase(place, nameOf(new pg.Client(place.options), schema), schema, false, onBreak)
  const pool = new pg.Pool({
    connectionString: place,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    fallback_application_name: 'reprise',
    keepAlive: true,
    allowExitOnIdle: true,
    pipeline: true,
  })
  return new PoolDatabase(pool, nameOf(new pg.Client(pool.options), schema), schema, true, onBreak)
}
