// Where the runs of a proof live on a Postgres: a schema for each, where the table of its tools stands beside the journal.
import { randomUUID } from 'node:crypto'
import { changedStore } from '@reprise/testing'
import { postgres, type PostgresOptions } from '@reprise/postgres'
import connect, { type Sql } from 'postgres'
import { type BookingStore, type Place, SAID } from './journal-store.ts'

/** The database of the keys. */
const KEYS = 'proof_keys'

/** A fresh place on a server. */
export function postgresPlace(url: string): Place {
  return placeIn(url, freshSchema(), () => ({}))
}

/** A fresh place on a server where all that runs hold is encrypted, by keys that stand in another database. */
export function encryptedPostgresPlace(url: string): Place {
  const schema = freshSchema()
  const masters = [Buffer.alloc(32, 'key')]
  const place = placeIn(url, schema, () => ({
    encryption: { key: masters.at(-1) ?? '', oldKeys: masters.slice(0, -1) },
    keys: keysUrl(url),
  }))
  return {
    ...place,
    open: async () => {
      await asking(url, (sql) => sql.unsafe(`create database ${KEYS}`).catch(unlessThere))
      return place.open()
    },
    rotate: () => void masters.push(Buffer.alloc(32, `key ${masters.length}`)),
    close: async () => {
      await place.close()
      await asking(keysUrl(url), (sql) => sql.unsafe(`drop schema if exists ${schema} cascade`))
    },
    exposed: () => asking(url, (sql) => exposedIn(sql, schema)),
  }
}

/** A store in a schema of a server, which may be there already. */
export async function bookingPostgres(
  url: string,
  schema: string,
  options: Pick<PostgresOptions, 'encryption' | 'keys'> = {},
): Promise<BookingStore> {
  const opened = postgres(url, { ...options, schema })
  await asking(url, (sql) =>
    sql.begin(async (tx) => {
      await tx.unsafe('select pg_advisory_xact_lock(1)')
      await tx.unsafe(`create schema if not exists ${schema}`)
      await tx.unsafe(`create table if not exists ${schema}.booked (line text not null)`)
    }),
  )
  await opened.owners()
  return {
    // By the machine's clock a thread would beat, and hints would come.
    store: changedStore(opened, { keepAlive: undefined, listen: undefined }),
    book: async (ctx, line) => void (await opened.tx(ctx).query(`insert into ${schema}.booked values ($1)`, [line])),
    booked: () =>
      asking(url, async (sql) => {
        const rows = await sql.unsafe<{ readonly line: string }[]>(`select line from ${schema}.booked`)
        return rows.map(({ line }) => line)
      }),
  }
}

function placeIn(url: string, schema: string, options: () => Pick<PostgresOptions, 'encryption' | 'keys'>): Place {
  return {
    isRemote: true,
    open: () => bookingPostgres(url, schema, options()),
    close: () => dropSchema(url, schema),
    exposed: () => [],
  }
}

/** Takes a schema away, with all that is in it. */
export async function dropSchema(url: string, schema: string): Promise<void> {
  await asking(url, (sql) => sql.unsafe(`drop schema if exists ${schema} cascade`))
}

/** A name that nobody else has for a schema. */
export function freshSchema(): string {
  return `proof_${randomUUID().replaceAll('-', '')}`
}

/** Asks a server as a program beside the store does. */
export async function asking<T>(url: string, ask: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connect(url, { max: 1, onnotice: () => undefined })
  try {
    return await ask(sql)
  } finally {
    await sql.end()
  }
}

async function exposedIn(sql: Sql, schema: string): Promise<readonly string[]> {
  const tables = await sql.unsafe<{ readonly name: string }[]>(
    `select tablename as name from pg_tables where schemaname = '${schema}' and tablename <> 'booked'`,
  )
  const found: string[] = []
  for (const { name } of tables)
    for (const row of await sql.unsafe<Record<string, unknown>[]>(`select * from ${schema}.${name}`))
      for (const value of Object.values(row))
        found.push(...((value instanceof Buffer ? value.toString('latin1') : String(value)).match(SAID) ?? []))
  return found
}

function keysUrl(url: string): string {
  const keys = new URL(url)
  keys.pathname = `/${KEYS}`
  return keys.href
}

/** Somebody else may just have made it. */
function unlessThere(error: unknown): undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== '42P04' && code !== '23505') throw error
}
