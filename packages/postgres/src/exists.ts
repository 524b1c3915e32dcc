import pg from 'pg'
import { nameOf, toStoreError } from './errors.ts'
import { checkSchema } from './tables.ts'

/** How long a connection and an answer are waited for. */
const TIMEOUT_MS = 10_000

/**
 * Looks whether a schema of a database holds a store. It makes nothing, as opening one would.
 *
 * @param url the address of the database.
 * @param options.schema as `postgres` takes it. Its default is 'reprise'.
 * @throws DefinitionError where the schema has no name that Postgres keeps as it is; StoreError where the database cannot be
 * asked.
 * @example
 * ```ts no-run: it needs a Postgres
 * import { hasStore, postgres } from '@reprise/postgres'
 *
 * const url = 'postgres://desk@127.0.0.1/desk'
 * console.log(await hasStore(url)) // false
 * await using store = postgres(url)
 * await store.runs({})
 * console.log(await hasStore(url)) // true
 * ```
 */
export async function hasStore(
  url: string,
  { schema = 'reprise' }: { readonly schema?: string } = {},
): Promise<boolean> {
  checkSchema(schema)
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    fallback_application_name: 'reprise',
  })
  // What breaks while nothing is asked is found out by what is asked next.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query(
      `select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = 'meta'`,
      [schema],
    )
    return rows.length > 0
  } catch (thrown) {
    throw toStoreError(thrown, nameOf(client, schema))
  } finally {
    await client.end().catch(() => undefined)
  }
}
