// Where the runs of a proof live on a Postgres: a schema for each, where the table of its tools stands beside the journal.
import { randomUUID } from 'node:crypto'
import { changedStore } from '@reprise/testing'
import { postgres, type PostgresOptions } from '@reprise/postgres'
import { asAdmin, emptySchema, keptPool } from '../packages/postgres/src/testing.fixture.ts'
import { type BookingStore, type Place, SAID } from './journal-store.ts'

type At = Parameters<typeof postgres>[0]

/** The database of the keys. */
const KEYS = 'proof_keys'

/** Schemas that trials have left empty, by server and sort: to make one takes longer than most trials. */
const free = new Map<string, string[]>()

/** A place on a server that holds nothing. */
export function postgresPlace(url: string): Place {
  const spare = sparesOf(`${url} plain`)
  const schema = spare.pop() ?? freshSchema()
  return {
    isRemote: true,
    open: () => openBooking(url, keptPool(url), schema),
    close: async () => {
      await emptySchema(schema, url)
      spare.push(schema)
    },
    exposed: () => [],
  }
}

/** The same where all that runs hold is encrypted, by keys that stand in another database. */
export function encryptedPostgresPlace(url: string): Place {
  const spare = sparesOf(`${url} encrypted`)
  const schema = spare.pop() ?? freshSchema()
  const keys = keysUrl(url)
  const masters = [Buffer.alloc(32, 'key')]
  return {
    isRemote: true,
    open: async () => {
      await makeKeys(url)
      const encryption = { key: masters.at(-1) ?? '', oldKeys: masters.slice(0, -1) }
      return openBooking(url, keptPool(url), schema, { encryption, keys: keptPool(keys) })
    },
    rotate: () => void masters.push(Buffer.alloc(32, `key ${masters.length}`)),
    close: async () => {
      // It knows the newest master key alone, and the next trial begins with the oldest.
      const isRotated = masters.length > 1
      for (const at of [url, keys]) await (isRotated ? dropSchema(at, schema) : emptySchema(schema, at))
      if (!isRotated) spare.push(schema)
    },
    exposed: () => exposedIn(url, schema),
  }
}

/** A store in a schema of a server, by connections of its own. */
export function bookingPostgres(url: string, schema: string): Promise<BookingStore> {
  return openBooking(url, url, schema)
}

async function openBooking(
  url: string,
  at: At,
  schema: string,
  options: Pick<PostgresOptions, 'encryption' | 'keys'> = {},
): Promise<BookingStore> {
  const opened = postgres(at, { ...options, schema })
  await opened.owners()
  await asAdmin(`create table if not exists ${schema}.booked (line text not null)`, url)
  return {
    // By the machine's clock a thread would beat, and hints would come.
    store: changedStore(opened, { keepAlive: undefined, listen: undefined }),
    book: async (ctx, line) => void (await opened.tx(ctx).query(`insert into ${schema}.booked values ($1)`, [line])),
    booked: async () => {
      const rows = await asAdmin<{ readonly line: string }>(`select line from ${schema}.booked`, url)
      return rows.map(({ line }) => line)
    },
  }
}

/** Takes a schema away, with all that is in it. */
export async function dropSchema(url: string, schema: string): Promise<void> {
  await asAdmin(`drop schema if exists ${schema} cascade`, url)
}

/** A name that nobody else has for a schema. */
export function freshSchema(): string {
  return `proof_${randomUUID().replaceAll('-', '')}`
}

function sparesOf(sort: string): string[] {
  const spare = free.get(sort) ?? []
  free.set(sort, spare)
  return spare
}

async function exposedIn(url: string, schema: string): Promise<readonly string[]> {
  const tables = await asAdmin<{ readonly name: string }>(
    `select tablename as name from pg_tables where schemaname = '${schema}' and tablename <> 'booked'`,
    url,
  )
  const found: string[] = []
  for (const { name } of tables)
    for (const row of await asAdmin<Record<string, unknown>>(`select * from ${schema}.${name}`, url))
      for (const value of Object.values(row))
        found.push(...((value instanceof Buffer ? value.toString('latin1') : String(value)).match(SAID) ?? []))
  return found
}

function keysUrl(url: string): string {
  const keys = new URL(url)
  keys.pathname = `/${KEYS}`
  return keys.href
}

/** Makes the database of the keys, unless somebody has. */
async function makeKeys(url: string): Promise<void> {
  const there = await asAdmin(`select 1 from pg_database where datname = '${KEYS}'`, url)
  if (there.length > 0) return
  await asAdmin(`create database ${KEYS}`, url).catch((error: unknown) => {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== '42P04' && code !== '23505') throw error
  })
}
