import type { Database, Queryable } from './database.ts'
import { problem } from './errors.ts'
import { KEY_MIGRATIONS, MIGRATIONS } from './schema.ts'
import type { Step } from './schema.ts'
import { quote } from './tables.ts'

/** What a database says of its tables: `least` is the oldest version of them that a program must know to work on it. */
interface Version {
  readonly schema: number
  readonly least: number
}

/** The steps of some tables, and the one among them that says its version. */
interface Kind {
  readonly table: 'meta' | 'vault'
  readonly steps: readonly Step[]
}

/**
 * Brings the tables of a journal to this program's version, or makes them: all in one transaction, under a lock that
 * another process which does the same waits for. A program that knows older tables goes on, as long as they say so.
 *
 * @throws StoreError with code `store_newer` where this program is too old for them.
 */
export function migrate(db: Database, schema: string): Promise<void> {
  return raise(db, schema, { table: 'meta', steps: MIGRATIONS })
}

/** The same for the tables of the keys, which may stand in another database. Throws what `migrate` throws. */
export function migrateKeys(keys: Database, schema: string): Promise<void> {
  return raise(keys, schema, { table: 'vault', steps: KEY_MIGRATIONS })
}

async function raise(db: Database, schema: string, kind: Kind): Promise<void> {
  const look = async (on: Queryable): Promise<Version | undefined> => {
    if (!(await isThere(on, schema, kind.table))) return undefined
    const [version] = await on.query<Version>(`select schema, least from ${db.tables[kind.table]}`)
    return version
  }
  if (isDone(db, await look(db), kind.steps)) return
  await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`reprise ${schema}`])
    // Another process may have been here while this one waited for its turn.
    const version = await look(tx)
    if (isDone(db, version, kind.steps)) return
    // Not `if not exists`: that asks for the right to make one, also where somebody else has made it for this user.
    const there = await tx.query('select 1 from pg_catalog.pg_namespace where nspname = $1', [schema])
    if (there.length === 0) await tx.query(`create schema ${quote(schema)}`)
    for (const step of kind.steps.slice(version?.schema ?? 0)) await tx.query(step(quote(schema)))
  })
}

function isDone(db: Database, version: Version | undefined, steps: readonly Step[]): boolean {
  if (version === undefined) return false
  if (version.least <= steps.length) return version.schema >= steps.length
  throw newer(db.name, version, steps.length)
}

/** The error about tables that this program is too old for. */
export function newer(name: string, { schema, least }: Version, known: number): Error {
  return problem(
    'store_newer',
    name,
    `has tables of version ${schema}, for programs that know version ${least} or later; this one knows ${known}`,
    'Update @reprise/postgres.',
  )
}

/** Whether a schema has a table. It is looked up as data: a name that was not there stays so in a session's cache, whoever has made it meanwhile. */
export async function isThere(on: Queryable, schema: string, table: string): Promise<boolean> {
  const found = await on.query(
    `select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [schema, table],
  )
  return found.length > 0
}
